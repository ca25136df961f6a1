// The address says what is looked at: a view, an episode, a shared result; never a picture.
const KEPT = ["lang", "__theme"];
const VIEWS = ["search", "browse", "status"];

function query() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

function view() {
  const {tab} = query();
  return VIEWS.includes(tab) ? tab : "search";
}

// addressOf({tab: "browse", series: "Sintel"}) → "?lang=zh&tab=browse&series=Sintel"
function addressOf(values) {
  const now = new URLSearchParams(location.search);
  const next = new URLSearchParams();
  for (const name of KEPT) if (now.has(name)) next.set(name, now.get(name));
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined) next.set(name, value);
  }
  return next.size ? `?${next}` : location.pathname;
}

function go(values, {replace = false} = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(values));
  tell("address");
}

// Calls `draw` whenever the address changes, by a link here or by the browser's own buttons.
function onAddress(draw) {
  document.addEventListener("whenanime:address", draw);
  addEventListener("popstate", draw);
}

// A link to another state of this page; a new tab takes it as it is.
function link(selector, values, attributes, ...children) {
  return make(selector, {href: addressOf(values), onclick: (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(values);
  }, ...attributes}, ...children);
}
