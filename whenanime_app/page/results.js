// Draws what is known: the library, a search under way, scenes, or what went wrong.
const ALSO_SHOWN = 3;
// Share of a frame from which on a screenshot counts as the whole of it: players crop a little.
const WHOLE = 0.9;
const PATIENCE = 60_000;
const POLL = 5_000;
let newest = 0;
let watchdog = null;
let poll = null;
let playing = null;

const library = make("p.wa-library");
const board = make("div.wa-board", {"aria-live": "polite"});
root.append(board, library);

document.addEventListener("whenanime:searching", ({detail}) => {
  begin(detail.id);
  draw(searching());
  watchdog = setTimeout(() => draw(message("error", {code: "errorServer"})), PATIENCE);
});
document.addEventListener("whenanime:error", ({detail}) => {
  begin(detail.id);
  draw(message("error", detail));
});
document.addEventListener("whenanime:failed", () => {
  begin(newest);
  draw(message("error", {code: "errorServer"}));
});
watch("value", update);
update();

function begin(id) {
  newest = id;
  clearTimeout(watchdog);
}

function update() {
  const value = props.value;
  if (!value) return;
  // An answer to an earlier picture may come after a later picture was chosen.
  if ((value.id ?? 0) !== newest) return;
  clearTimeout(watchdog);
  if (value.library) drawLibrary(value.library);
  if (value.state === "error") draw(message("error", value));
  else if (!value.library.ready) draw(message("empty"));
  else if (value.state === "library") draw(message("ready"));
  else if (!value.items.length) draw(message("none"));
  else draw(...scenes(value));
}

function draw(...nodes) {
  playing = null;
  board.replaceChildren(...nodes);
}

function drawLibrary(status) {
  clearTimeout(poll);
  library.replaceChildren();
  if (!status.ready) {
    poll = setTimeout(refresh, POLL);
    return;
  }
  const minutes = Math.max(1, Math.round(status.seconds / 60));
  const length = minutes < 120
    ? text("minutes", {n: minutes})
    : text("hours", {n: Math.round(minutes / 60)});
  library.textContent =
    text(status.series === 1 ? "librarySeries1" : "library", {...status, length});
}

// Nothing was indexed when the page was opened: look now and then, until something is.
async function refresh() {
  try {
    const status = await (await fetch("./status")).json();
    drawLibrary(status);
    if (status.ready && newest === 0) draw(message("ready"));
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
    detail ? make("p.wa-detail", {}, detail) : null,
    kind === "empty" ? make("code", {}, "whenanime index --videos DIR") : null);
}

function searching() {
  return make("section.wa-searching", {role: "status"},
    make("span.wa-sr", {}, text("searching")),
    make("div.wa-bone.wa-bone-picture"),
    make("div.wa-bone.wa-bone-title"),
    make("div.wa-bone.wa-bone-line"));
}

function scenes(value) {
  const [best, ...rest] = value.items;
  const count = value.items.length;
  const found = make("p.wa-found", {},
    text(count === 1 ? "found1" : "found", {n: count, ms: value.milliseconds}));
  if (value.weak) {
    return [
      make("section.wa-weak", {role: "status"}, icon("warning"),
        make("div", {}, make("h2", {}, text("weakTitle")), make("p", {}, text("weakText")))),
      make("div.wa-grid", {}, ...value.items.map((item) => card(item, false))),
      found,
    ];
  }
  return [
    card(best, true),
    ...group("alsoFound", rest.filter((item) => item.match !== "similar")),
    ...group("others", rest.filter((item) => item.match === "similar")),
    found,
  ];
}

function group(name, items) {
  if (!items.length) return [];
  return [
    make("h2.wa-heading", {}, text(name)),
    make("div.wa-grid", {}, ...items.map((item) => card(item, false))),
  ];
}

function card(item, best) {
  const native = item.native || item.series;
  const other = [item.romaji, item.english, item.series].find((title) => title && title !== native);
  const kind = item.kind === "special" || item.kind === "film" ? text(item.kind) : "";
  const season = item.seasonName && item.seasonName !== native ? item.seasonName : "";
  const details = [season, item.title || kind].filter(Boolean).join(" · ");
  // What is only similar stands below a heading that says so.
  const matched = item.match !== "similar";
  return make(`article.wa-card.wa-${item.match}${best ? ".wa-best" : ""}`, {},
    stage(item, best, matched),
    make("div.wa-facts", {},
      make("div.wa-what", {},
        matched ? make("span.wa-badge", {title: text(`${item.match}Text`)}, text(item.match))
          : null,
        make("h3", {}, native),
        other ? make("p.wa-other", {}, other) : null,
        make("p.wa-when", {},
          item.label ? make("span.wa-label", {}, item.label) : null,
          item.label ? " " : null,
          make("time", {}, clock(item.at))),
        details ? make("p.wa-details", {}, details) : null),
      make("div.wa-how", {},
        similarity(item.similarity),
        matched && item.mirrored ? make("p.wa-mirrored", {}, text("mirrored")) : null,
        also(item),
        best ? make("p.wa-file", {title: item.filename}, item.filename) : null,
        best && item.video ? actions(item) : null)));
}

function stage(item, best, matched) {
  const still = make("img", {
    src: `${item.image}?size=${best ? "l" : "m"}`, alt: "", loading: best ? null : "lazy",
  });
  const part = best && matched ? outline(item.corners, still) : null;
  if (!item.video) return make("div.wa-stage", {}, still, part);
  const button = make("button.wa-play", {type: "button", "aria-label": text("play")}, icon("play"));
  const frame = make("div.wa-stage.wa-playable", {}, still, part, button);
  button.addEventListener("click", () => toggle(frame, button, item, best));
  return frame;
}

// A frame's part that the screenshot shows: all else is dimmed. Null for the whole frame.
function outline(corners, still) {
  const inside = corners.map((corner) => corner.map((share) => Math.min(1, Math.max(0, share))));
  const twice = inside.reduce((sum, [x, y], index) => {
    const [next, below] = inside[(index + 1) % inside.length];
    return sum + x * below - next * y;
  }, 0);
  if (Math.abs(twice) / 2 >= WHOLE) return null;
  const [svg, path] = shape("wa-part");
  // As the picture is laid out: as large as it fits, in the middle.
  still.addEventListener("load", () => {
    const {naturalWidth: width, naturalHeight: height} = still;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const places = inside.map(([x, y]) => `${x * width} ${y * height}`);
    path.setAttribute("d", `M0 0H${width}V${height}H0ZM${places.join("L")}Z`);
  });
  return svg;
}

function toggle(frame, button, item, best) {
  const mine = playing?.frame === frame;
  playing?.stop();
  if (mine) return;
  const video = make("video", {
    src: `${item.video}?size=${best ? "l" : "m"}&mute`, loop: "", playsinline: "",
  });
  video.muted = true;
  const stop = () => {
    playing = null;
    video.remove();
    frame.classList.remove("wa-loading", "wa-playing");
    button.setAttribute("aria-label", text("play"));
    button.replaceChildren(icon("play"));
  };
  video.addEventListener("playing", () => frame.classList.replace("wa-loading", "wa-playing"));
  video.addEventListener("error", () => {
    stop();
    frame.append(make("p.wa-broken", {role: "status"}, text("noPreview")));
  });
  frame.querySelector(".wa-broken")?.remove();
  frame.classList.add("wa-loading");
  button.setAttribute("aria-label", text("stop"));
  button.replaceChildren(icon("stop"));
  frame.insertBefore(video, button);
  playing = {frame, stop};
  // Stopping while it loads rejects the promise; there is nothing to do about that.
  video.play().catch(() => {});
}

function similarity(value) {
  const percent = `${(100 * value).toFixed(value >= 0.995 ? 0 : 1)} %`;
  const bar = make("span.wa-bar", {}, make("span.wa-fill"));
  bar.firstChild.style.width = `${100 * value}%`;
  return make("p.wa-similarity", {},
    make("span.wa-sr", {}, `${text("similarity")} `), bar, make("span", {}, percent));
}

function also(item) {
  if (!item.also.length) return null;
  const places = item.also.slice(0, ALSO_SHOWN).map((moment) => {
    const elsewhere = moment.filename !== item.filename;
    return `${elsewhere ? `${moment.label || moment.filename} ` : ""}${clock(moment.from)}`;
  });
  const left = item.also.length - places.length;
  if (left > 0) places.push(text("more", {n: left}));
  return make("p.wa-also", {}, `${text("alsoAt")} ${places.join(", ")}`);
}

function actions(item) {
  const name = [item.series, item.label, clock(item.at).replaceAll(":", ".")]
    .filter(Boolean).join(" ").replace(/[\\/]/g, "-");
  return make("p.wa-actions", {},
    make("a.wa-gif", {
      href: `${item.video}?format=gif`, download: `${name}.gif`, title: text("gifTitle"),
    }, icon("download"), text("gif")));
}

// 754.5 → "12:34.5"
function clock(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const part = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(tenths / 36000);
  const minutes = Math.floor(tenths / 600) % 60;
  const rest = `${part(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours ? `${hours}:${part(minutes)}:${rest}` : `${minutes}:${rest}`;
}
