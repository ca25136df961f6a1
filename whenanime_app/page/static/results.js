// Draws the server's answers: the library, a search in progress, scenes, or an error.
const ANSWER_TIMEOUT = 60_000;
const POLL_INTERVAL = 5_000;
// Texts for HTTP statuses that refuse a search.
const REFUSALS = {429: "errorLimited", 503: "errorBusy", 413: "errorLarge"};
let latestSearch = 0;
let watchdog = null;
let poll = null;
let lastStatus = 0;
const observer = new PerformanceObserver((list) => recordStatuses(list.getEntries()));
observer.observe({type: "resource"});

const library = make("p.wa-library");
const board = make("div.wa-board", {role: "region", "aria-label": text("results")});
const keys = make("p.wa-keys", {hidden: ""}, text("keys"));
root.append(board, keys, library);
listenToKeys(() => board.querySelector(".wa-card"));

document.addEventListener("whenanime:searching", ({detail}) => {
  begin(detail.id);
  draw(searching());
  announce(text("searching"));
  watchdog = setTimeout(() => fail({code: "errorServer"}), ANSWER_TIMEOUT);
});
document.addEventListener("whenanime:error", ({detail}) => {
  begin(detail.id);
  fail(detail);
});
document.addEventListener("whenanime:failed", ({detail}) => {
  begin(detail?.id ?? latestSearch);
  fail({code: REFUSALS[readLastStatus()] ?? "errorServer"});
});
watch("value", update);
update();

function begin(id) {
  latestSearch = id;
  clearTimeout(watchdog);
  if (view() === "search") history.replaceState(null, "", buildAddress({}));
}

function fail(error) {
  draw(makeMessage("error", error));
}

function update() {
  const value = props.value;
  if (!value) return;
  // The answer to an earlier picture may arrive after a later picture was chosen.
  if ((value.id ?? 0) !== latestSearch) return;
  clearTimeout(watchdog);
  if (value.library) drawLibrary(value.library);
  const rotated = value.weak || value.shared ? 0 : value.items?.[0]?.rotated;
  if (value.picture) emit("picture", {picture: value.picture, rotated});
  else if (rotated) emit("turned", {rotated});
  if (value.state === "error") fail(value);
  else if (!value.library.ready) draw(makeMessage("empty"));
  else if (value.state === "library") draw(...ready(value));
  else if (!value.items.length) draw(makeMessage("none"));
  else drawScenes(value);
}

function draw(...nodes) {
  playing?.stop();
  board.replaceChildren(...nodes.filter(Boolean));
  keys.hidden = !board.querySelector(".wa-best");
}

function drawLibrary(status) {
  clearTimeout(poll);
  library.replaceChildren();
  if (!status.ready) {
    poll = setTimeout(refresh, POLL_INTERVAL);
    return;
  }
  library.textContent = [
    formatCount("series", status.series), formatCount("episodes", status.episodes),
    formatLength(status.seconds),
  ].join(" · ");
}

// Polls until something is indexed.
async function refresh() {
  try {
    const status = await (await fetch("./status")).json();
    drawLibrary(status);
    if (status.ready && latestSearch === 0) trigger("filled", {});
  } catch {
    poll = setTimeout(refresh, POLL_INTERVAL);
  }
}

function makeMessage(kind, {code, detail} = {}) {
  const picture = {error: "warning", none: "search", empty: "picture", ready: "search"}[kind];
  const body = kind === "error" ? text(code) : text(`${kind}Text`);
  return make(`section.wa-message.wa-${kind}`, kind === "error" ? {role: "alert"} : {},
    icon(picture),
    make("h2", {}, text(`${kind}Title`)),
    make("p", {}, body),
    detail ? makeReason("p.wa-detail", detail) : null,
    kind === "empty" ? make("code", {}, "whenanime index --videos DIR") : null);
}

function ready({notice, examples}) {
  return [
    notice ? make("section.wa-notice", {role: "status"}, icon("link"),
      make("div", {}, make("h2", {}, text(`${notice}Title`)), make("p", {}, text("sharedText"))))
      : null,
    makeMessage("ready"),
    examples.length ? make("section.wa-examples", {},
      make("h2.wa-heading", {}, text("examples")),
      make("div.wa-stills", {}, ...examples.map(example))) : null,
  ];
}

// A still of the library that is searched when it is clicked.
function example({image, series, label, at}) {
  const name = [series, label, formatClock(at)].filter(Boolean).join(" ");
  const still = make("img", {src: `${image}?size=m`, alt: ""});
  return make("button.wa-example", {
    type: "button", "aria-label": text("exampleLabel", {name}), title: name,
    onclick: async () => {
      const answer = await fetch(`${image}?size=l`).catch(() => null);
      if (answer?.ok) emit("take", {blob: await answer.blob()});
      else fail({code: "errorServer"});
    },
  }, still);
}

function searching() {
  return make("section.wa-searching", {},
    make("h2.wa-sr", {}, text("searching")),
    make("div.wa-bone.wa-bone-picture"),
    make("div.wa-bone.wa-bone-title"),
    make("div.wa-bone.wa-bone-line"));
}

function drawScenes(value) {
  const {items, weak, shared} = value;
  const found = shared ? make("p.wa-found", {}, text("sharedNote"))
    : make("p.wa-found", {}, text(items.length === 1 ? "found1" : "found",
      {n: items.length, ms: value.milliseconds}));
  if (weak && !shared) {
    draw(...lookalikes(items), found);
    announce(text("weakTitle"));
    return;
  }
  const [best, ...rest] = items;
  draw(
    make("h2.wa-sr", {}, text("bestHeading")),
    makeCard(best, true),
    ...group("alsoFound", rest.filter((item) => item.match !== "similar")),
    ...group("others", rest.filter((item) => item.match === "similar")),
    found);
  announce(`${found.textContent}. ${describeScene(best)}`);
  // The address bar holds a link to this result.
  if (view() === "search") history.replaceState(null, "", buildAddress({r: best.share}));
}

// No match: says so with tips, and folds the similar scenes away.
function lookalikes(items) {
  const tips = ["tipCrop", "tipWhole", "tipSharp"];
  return [
    make("section.wa-weak", {}, icon("warning"),
      make("div", {},
        make("h2", {}, text("weakTitle")),
        make("p", {}, text("weakText")),
        make("ul.wa-tips", {}, ...tips.map((tip) => make("li", {}, text(tip)))))),
    make("details.wa-lookalikes", {},
      make("summary", {}, text(items.length === 1 ? "lookalikes1" : "lookalikes",
        {n: items.length})),
      make("div.wa-grid", {}, ...items.map((item) => makeCard(item, false)))),
  ];
}

function group(name, items) {
  if (!items.length) return [];
  return [
    make("h2.wa-heading", {}, text(name)),
    make("div.wa-grid", {}, ...items.map((item) => makeCard(item, false))),
  ];
}

// Returns the HTTP status of the last upload or search: Gradio reports only that it failed.
function readLastStatus() {
  recordStatuses(observer.takeRecords());
  return lastStatus;
}

function recordStatuses(entries) {
  for (const {name, responseStatus} of entries) {
    if (/\/gradio_api\/(queue\/join|upload)/.test(name)) lastStatus = responseStatus;
  }
}
