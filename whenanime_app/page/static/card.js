// The card of a scene: preview, facts, similarity and actions.
const ALSO_SHOWN = 3;
// Share of a frame from which a screenshot counts as the whole frame: players crop a little.
const WHOLE_FRAME = 0.9;
const cards = new WeakMap();

// The best match is drawn large. `cards` holds the actions of each card for the keyboard.
function makeCard(item, best) {
  // Similar scenes have no badge: the heading above them says so.
  const matched = item.match !== "similar";
  const view = makePlayer({size: best ? "l" : "m", lazy: !best});
  const when = make("time", {}, formatClock(item.at));
  const moved = make("button.wa-moved", {type: "button", hidden: "", onclick: back}, icon("back"),
    text("backToMatch"));
  const gif = item.video ? download() : null;
  const earlier = makeJumpButton("earlier", -1);
  const later = makeJumpButton("later", 1);
  let at = item.at;
  view.show(item);
  const outlined = best && matched ? makeOutline(item.corners, view.still) : null;
  if (outlined) view.still.after(outlined);
  const node = make(`article.wa-card.wa-${item.match}${best ? ".wa-best" : ""}`, {
    "aria-label": describeScene(item),
  },
    view.node,
    make("div.wa-facts", {},
      makeSceneFacts(item, matched, when, moved),
      make("div.wa-how", {},
        makeSimilarity(item.similarity),
        makeSceneTheme(item.theme),
        matched && item.mirrored ? make("p.wa-mirrored", {}, text("mirrored")) : null,
        matched && item.rotated
          ? make("p.wa-mirrored.wa-rotated", {}, text("rotated", {n: item.rotated})) : null,
        makeOtherTimes(item),
        best ? make("p.wa-file", {title: item.filename}, item.filename) : null)),
    make("div.wa-actions", {},
      earlier, later,
      makeCopyButton(".wa-copy", "copyTime", "copy", () => formatClock(at), "copied"),
      makeCopyButton(".wa-share", "share", "link", () => shareLink(item), "linkCopied"),
      gif));
  cards.set(node, {
    toggle: view.toggle,
    sound: view.sound,
    stop: view.stop,
    earlier: () => earlier.click(),
    later: () => later.click(),
  });
  return node;

  function makeJumpButton(name, step) {
    return make(`button.wa-action.wa-${name}`, {
      type: "button", title: text(`${name}Title`), "aria-label": text(`${name}Title`),
      onclick: () => jump(step),
    }, icon(name));
  }

  async function jump(step) {
    const next = await fetchMoment(item.key, at, step);
    if (!next) {
      announce(text("noMoment"));
      return;
    }
    set(next, false);
    earlier.disabled = next.first;
    later.disabled = next.last;
    announce(`${item.label} ${formatClock(next.at)}`);
  }

  function back() {
    set(item, true);
    earlier.disabled = later.disabled = false;
    earlier.focus();
  }

  function set(moment, home) {
    at = moment.at;
    view.show(moment);
    when.textContent = formatClock(at);
    moved.hidden = home;
    node.classList.toggle("wa-away", !home);
    if (gif) {
      gif.href = `${moment.video}?format=gif`;
      gif.download = buildGifName(item, at);
    }
  }

  function download() {
    return make("a.wa-action.wa-gif", {
      href: `${item.video}?format=gif`, download: buildGifName(item, item.at),
      title: text("gifTitle"), "aria-label": text("gifTitle"),
    }, icon("download"), make("span", {}, text("gif")));
  }
}

function buildGifName({series, label}, at) {
  const name = [series, label, formatClock(at).replaceAll(":", ".")].filter(Boolean).join(" ");
  return `${name.replace(/[\\/]/g, "-")}.gif`;
}

function makeSceneFacts(item, matched, when, moved) {
  const [native, other] = chooseTitles({...item, name: item.series});
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

// "This is the opening; it appears in all 12 episodes"
function makeSceneTheme(theme) {
  if (!theme || theme.confidence === "possible") return null;
  const {type, in_episodes: n, of_episodes: of} = theme;
  const name = text(`scene${type[0].toUpperCase()}${type.slice(1)}`);
  const what = n > 1 ? text(n === of ? "sceneAll" : "sceneSome", {what: name, n, of}) : name;
  return make("p.wa-scene-theme", {},
    theme.confidence === "likely" ? text("sceneLikely", {what}) : what);
}

// The card's label for screen readers: "潮とランタン S01E03 0:37.5, certain".
function describeScene(item) {
  const [native] = chooseTitles({...item, name: item.series});
  const name = [native, item.label, formatClock(item.at)].filter(Boolean).join(" ");
  return `${name}, ${text(item.match)}`;
}

function shareLink(item) {
  const path = buildAddress({r: item.share});
  history.replaceState(null, "", path);
  return new URL(path, location.href).href;
}

// Dims what the screenshot does not show of the frame. Null for the whole frame.
function makeOutline(corners, still) {
  const inside = corners.map((corner) => corner.map((share) => Math.min(1, Math.max(0, share))));
  const twice = inside.reduce((sum, [x, y], index) => {
    const [next, below] = inside[(index + 1) % inside.length];
    return sum + x * below - next * y;
  }, 0);
  if (Math.abs(twice) / 2 >= WHOLE_FRAME) return null;
  const [svg, path] = shape("wa-part");
  // The outline has the picture's aspect, and is fitted as the picture is.
  still.addEventListener("load", () => {
    const {naturalWidth: width, naturalHeight: height} = still;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const points = inside.map(([x, y]) => `${x * width} ${y * height}`);
    path.setAttribute("d", `M0 0H${width}V${height}H0ZM${points.join("L")}Z`);
  });
  return svg;
}

function makeSimilarity(value) {
  const percent = `${(100 * value).toFixed(value >= 0.995 ? 0 : 1)} %`;
  const bar = make("span.wa-bar", {}, make("span.wa-fill"));
  bar.firstChild.style.width = `${100 * value}%`;
  return make("p.wa-similarity", {},
    make("span.wa-sr", {}, `${text("similarity")} `), bar, make("span", {}, percent));
}

function makeOtherTimes(item) {
  if (!item.also.length) return null;
  const times = item.also.slice(0, ALSO_SHOWN).map((moment) => {
    const elsewhere = moment.filename !== item.filename;
    return `${elsewhere ? `${moment.label || moment.filename} ` : ""}${formatClock(moment.from)}`;
  });
  const left = item.also.length - times.length;
  if (left > 0) times.push(text("more", {n: left}));
  return make("p.wa-also", {}, `${text("alsoAt")} ${times.join(", ")}`);
}
