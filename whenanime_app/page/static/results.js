// Draws what is known: the library, a search under way, scenes, or what went wrong.
const PATIENCE = 60_000;
const POLL = 5_000;
// What the server says when it has no room, by the answer to the page's last question.
const REFUSALS = {429: "errorLimited", 503: "errorBusy", 413: "errorLarge"};
let newest = 0;
let watchdog = null;
let poll = null;
let answered = 0;
const observer = new PerformanceObserver((list) => note(list.getEntries()));
observer.observe({type: "resource"});

const library = make("p.wa-library");
const board = make("div.wa-board", {role: "region", "aria-label": text("results")});
const keys = make("p.wa-keys", {hidden: ""}, text("keys"));
root.append(board, keys, library);
listenToKeys(() => board.querySelector(".wa-card"));

document.addEventListener("whenanime:searching", ({detail}) => {
  begin(detail.id);
  draw(searching());
  say(text("searching"));
  watchdog = setTimeout(() => fail({code: "errorServer"}), PATIENCE);
});
document.addEventListener("whenanime:error", ({detail}) => {
  begin(detail.id);
  fail(detail);
});
document.addEventListener("whenanime:failed", ({detail}) => {
  begin(detail?.id ?? newest);
  fail({code: REFUSALS[lastAnswer()] ?? "errorServer"});
});
watch("value", update);
update();

function begin(id) {
  newest = id;
  clearTimeout(watchdog);
  if (view() === "search") history.replaceState(null, "", addressOf({}));
}

function fail(error) {
  draw(message("error", error));
}

function update() {
  const value = props.value;
  if (!value) return;
  // An answer to an earlier picture may come after a later picture was chosen.
  if ((value.id ?? 0) !== newest) return;
  clearTimeout(watchdog);
  if (value.library) drawLibrary(value.library);
  if (value.picture) tell("picture", {picture: value.picture});
  if (value.state === "error") fail(value);
  else if (!value.library.ready) draw(message("empty"));
  else if (value.state === "library") draw(...ready(value));
  else if (!value.items.length) draw(message("none"));
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
    poll = setTimeout(refresh, POLL);
    return;
  }
  library.textContent = [
    counted("series", status.series), counted("episodes", status.episodes),
    lengthOf(status.seconds),
  ].join(" · ");
}

// Nothing was indexed when the page was opened: look now and then, until something is.
async function refresh() {
  try {
    const status = await (await fetch("./status")).json();
    drawLibrary(status);
    if (status.ready && newest === 0) trigger("filled", {});
  } catch {
    poll = setTimeout(refresh, POLL);
  }
}

function message(kind, {code, detail} = {}) {
  const picture = {error: "warning", none: "search", empty: "picture", ready: "search"}[kind];
  const body = kind === "error" ? text(code) : text(`${kind}Text`);
  return make(`section.wa-message.wa-${kind}`, kind === "error" ? {role: "alert"} : {},
    icon(picture),
    make("h2", {}, text(`${kind}Title`)),
    make("p", {}, body),
    detail ? reason("p.wa-detail", detail) : null,
    kind === "empty" ? make("code", {}, "whenanime index --videos DIR") : null);
}

function ready({notice, examples}) {
  return [
    notice ? make("section.wa-notice", {role: "status"}, icon("link"),
      make("div", {}, make("h2", {}, text(`${notice}Title`)), make("p", {}, text("sharedText"))))
      : null,
    message("ready"),
    examples.length ? make("section.wa-examples", {},
      make("h2.wa-heading", {}, text("examples")),
      make("div.wa-stills", {}, ...examples.map(example))) : null,
  ];
}

// A still of the library, searched for as if a visitor had brought it.
function example({image, series, label, at}) {
  const name = [series, label, clock(at)].filter(Boolean).join(" ");
  const still = make("img", {src: `${image}?size=m`, alt: ""});
  return make("button.wa-example", {
    type: "button", "aria-label": text("exampleLabel", {name}), title: name,
    onclick: async () => {
      const answer = await fetch(`${image}?size=l`).catch(() => null);
      if (answer?.ok) tell("take", {blob: await answer.blob()});
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
    say(text("weakTitle"));
    return;
  }
  const [best, ...rest] = items;
  draw(
    make("h2.wa-sr", {}, text("bestHeading")),
    card(best, true),
    ...group("alsoFound", rest.filter((item) => item.match !== "similar")),
    ...group("others", rest.filter((item) => item.match === "similar")),
    found);
  say(`${found.textContent}. ${nameOf(best)}`);
  // What is in the address bar is this result: reloaded, copied, it comes back.
  if (view() === "search") history.replaceState(null, "", addressOf({r: best.share}));
}

// Not in this library: said first, with what to try; what only looks alike is folded away.
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
      make("div.wa-grid", {}, ...items.map((item) => card(item, false)))),
  ];
}

function group(name, items) {
  if (!items.length) return [];
  return [
    make("h2.wa-heading", {}, text(name)),
    make("div.wa-grid", {}, ...items.map((item) => card(item, false))),
  ];
}

// The status of the last upload or question: Gradio tells only that it failed.
function lastAnswer() {
  note(observer.takeRecords());
  return answered;
}

function note(entries) {
  for (const {name, responseStatus} of entries) {
    if (/\/gradio_api\/(queue\/join|upload)/.test(name)) answered = responseStatus;
  }
}
