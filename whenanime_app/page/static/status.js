// The status view: what is indexed, since when, by which model, and which files failed.
const board = make("div.wa-about");
root.append(board);
watch("value", draw);
onAddressChange(show);
show();

function show() {
  if (view() !== "status") return;
  if (!board.children.length) board.append(make("p.wa-wait", {role: "status"}, text("loading")));
  trigger("refresh", {});
}

function draw() {
  const value = props.value;
  if (!value) return;
  const {library, problem, published, failed, failures, shared, sharedNames, leftOut} = value;
  board.replaceChildren(
    make("h2", {}, text("statusView")),
    library.ready ? make("div.wa-numbers", {},
      number(library.series, "seriesWord"),
      number(library.episodes, "episodesWord"),
      number(formatLength(library.seconds), "lengthWord"),
      number(library.frames, "framesWord")) : make("p.wa-quiet", {}, text("emptyTitle")),
    library.ready ? make("dl.wa-facts-list", {},
      ...fact("snapshotWord", library.snapshot),
      ...fact("publishedWord", formatTime(published)),
      ...fact("modelWord", library.model)) : make("code", {}, "whenanime index --videos DIR"),
    ...(problem ? [
      make("section.wa-notice", {}, icon("warning"), make("div", {},
        make("h3", {}, text("problemTitle")), makeReason("p", problem)))] : []),
    make("h3", {}, text("failedTitle")),
    failures.length
      ? make("ul.wa-failures", {}, ...failures.map(({filename, reason: why}) => make("li", {},
        make("strong", {}, filename), " ", makeReason("span", why))))
      : make("p.wa-quiet", {}, text("failedNone")),
    ...(failed > failures.length
      ? [make("p.wa-quiet", {}, text("more", {n: failed - failures.length}))] : []),
    ...(shared ? [
      make("h3", {}, text("sharedTitle")),
      make("ul.wa-failures", {}, ...sharedNames.map(({filename, kind, says, other}) => make("li", {},
        make("strong", {}, filename), " ", text(`shared_${kind}`, {says, other}))))] : []),
    ...(shared > sharedNames.length
      ? [make("p.wa-quiet", {}, text("more", {n: shared - sharedNames.length}))] : []),
    ...(leftOut ? [make("p.wa-quiet", {}, text("leftOut", {n: leftOut}))] : []),
    makeOperator(),
  );
}

function number(value, name) {
  const words = typeof value === "number" ? value.toLocaleString(language) : value;
  return make("p.wa-number", {}, make("strong", {}, words), " ", make("span", {}, text(name)));
}

function fact(name, value) {
  return value ? [make("dt", {}, text(name)), make("dd", {}, value)] : [];
}

function formatTime(iso) {
  return iso && new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "long", timeStyle: "short",
  }).format(new Date(iso));
}
