// A result: the scene, what it is, how sure that is, and what can be done with it.
const ALSO_SHOWN = 3;
// Share of a frame from which on a screenshot counts as the whole of it: players crop a little.
const WHOLE = 0.9;
const cards = new WeakMap();

// The first match stands large. `cards` holds what the keys do with each: play, sound, jump.
function card(item, best) {
  // What is only similar stands below a heading that says so.
  const matched = item.match !== "similar";
  const view = stage({size: best ? "l" : "m", lazy: !best});
  const when = make("time", {}, clock(item.at));
  const moved = make("button.wa-moved", {type: "button", hidden: "", onclick: back}, icon("back"),
    text("backToMatch"));
  const gif = item.video ? download() : null;
  const earlier = jumper("earlier", -1);
  const later = jumper("later", 1);
  let at = item.at;
  view.show(item);
  const outlined = best && matched ? outline(item.corners, view.still) : null;
  if (outlined) view.still.after(outlined);
  const node = make(`article.wa-card.wa-${item.match}${best ? ".wa-best" : ""}`, {
    "aria-label": nameOf(item),
  },
    view.node,
    make("div.wa-facts", {},
      what(item, matched, when, moved),
      make("div.wa-how", {},
        similarity(item.similarity),
        matched && item.mirrored ? make("p.wa-mirrored", {}, text("mirrored")) : null,
        also(item),
        best ? make("p.wa-file", {title: item.filename}, item.filename) : null)),
    make("div.wa-actions", {},
      earlier, later,
      copier(".wa-copy", "copyTime", "copy", () => clock(at), "copied"),
      copier(".wa-share", "share", "link", () => shareLink(item), "linkCopied"),
      gif));
  cards.set(node, {
    toggle: view.toggle,
    sound: view.sound,
    stop: view.stop,
    earlier: () => earlier.click(),
    later: () => later.click(),
  });
  return node;

  function jumper(name, step) {
    return make(`button.wa-action.wa-${name}`, {
      type: "button", title: text(`${name}Title`), "aria-label": text(`${name}Title`),
      onclick: () => jump(step),
    }, icon(name));
  }

  async function jump(step) {
    const next = await momentAt(item.key, at, step);
    if (!next) {
      say(text("noMoment"));
      return;
    }
    set(next, false);
    earlier.disabled = next.first;
    later.disabled = next.last;
    say(`${item.label} ${clock(next.at)}`);
  }

  function back() {
    set(item, true);
    earlier.disabled = later.disabled = false;
    earlier.focus();
  }

  function set(moment, home) {
    at = moment.at;
    view.show(moment);
    when.textContent = clock(at);
    moved.hidden = home;
    node.classList.toggle("wa-away", !home);
    if (gif) {
      gif.href = `${moment.video}?format=gif`;
      gif.download = fileNameOf(item, at);
    }
  }

  function download() {
    return make("a.wa-action.wa-gif", {
      href: `${item.video}?format=gif`, download: fileNameOf(item, item.at),
      title: text("gifTitle"), "aria-label": text("gifTitle"),
    }, icon("download"), make("span", {}, text("gif")));
  }
}

function fileNameOf({series, label}, at) {
  const name = [series, label, clock(at).replaceAll(":", ".")].filter(Boolean).join(" ");
  return `${name.replace(/[\\/]/g, "-")}.gif`;
}

function what(item, matched, when, moved) {
  const [native, other] = titlesOf({...item, name: item.series});
  const kind = item.kind === "special" || item.kind === "film" ? text(item.kind) : "";
  const season = item.seasonName && item.seasonName !== native ? item.seasonName : "";
  const details = [season, item.title || kind].filter(Boolean).join(" · ");
  return make("div.wa-what", {},
    matched ? make("span.wa-badge", {title: text(`${item.match}Text`)}, text(item.match)) : null,
    make("h3", {}, native),
    other ? make("p.wa-other", {}, other) : null,
    make("p.wa-when", {},
      item.label ? make("span.wa-label", {}, item.label) : null,
      item.label ? " " : null,
      when, moved),
    details ? make("p.wa-details", {}, details) : null);
}

// "潮とランタン S01E03 0:37.5, certain": what a screen reader says of a card, and of the answer.
function nameOf(item) {
  const [native] = titlesOf({...item, name: item.series});
  return `${[native, item.label, clock(item.at)].filter(Boolean).join(" ")}, ${text(item.match)}`;
}

function shareLink(item) {
  const path = addressOf({r: item.share});
  history.replaceState(null, "", path);
  return new URL(path, location.href).href;
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
