// Precedes each component's script: the scripts of a component are joined and share one scope, and
// `biome.json` lists the names that one file uses of another. `element`, `props`, `trigger`,
// `upload` and `watch` are Gradio's. Data goes into the page as text, never as markup.
const requested = new URLSearchParams(location.search).get("lang") || navigator.language || "en";
const language = requested.toLowerCase().startsWith("zh") ? "zh" : "en";
const texts = props.texts[language];
document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";

// text("found", {n: 3}) → "3 scenes"
function text(name, values = {}) {
  return texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

// make("button.wa-play", {type: "button", onclick: play}, "Play", icon) → element
function make(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

// Line icons of 24×24, drawn for this page.
const PATHS = {
  play: "M8 5.5v13l11-6.5z",
  stop: "M7 7h10v10H7z",
  download: "M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM20 20l-4.9-4.9",
  warning: "M12 4 3 19.5h18zM12 10v4m0 2.7v.1",
  crop: "M7 3v14h14M3 7h14v14",
  flip: "M12 4v16M9 7.5 4 16.5h5zM15 7.5l5 9h-5z",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  earlier: "M15 6l-6 6 6 6",
  later: "M9 6l6 6-6 6",
  back: "M5 12h14M11 6l-6 6 6 6",
  close: "M6 6l12 12M18 6 6 18",
  sound: "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  silent: "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM16 9.5l5 5M21 9.5l-5 5",
  series: "M4 7h16v12H4zM7 4h10",
  filter: "M4 6h16M7 12h10M10 18h4",
  done: "M5 12.5l4.5 4.5L19 7.5",
};
function icon(name) {
  const [svg, path] = shape(`wa-icon wa-icon-${name}`);
  svg.setAttribute("viewBox", "0 0 24 24");
  path.setAttribute("d", PATHS[name]);
  return svg;
}

// shape("wa-part") → [svg, its path], hidden from screen readers.
function shape(classes) {
  const [svg, path] = ["svg", "path"]
    .map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", classes);
  svg.append(path);
  return [svg, path];
}

function emit(name, detail) {
  document.dispatchEvent(new CustomEvent(`whenanime:${name}`, {detail}));
}

const root = element.firstElementChild;
