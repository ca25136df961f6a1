// The URL holds the view, the episode or the shared result; never a picture.
const PRESERVED = ["lang", "__theme"];
const VIEWS = ["search", "browse", "status"];

function query() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

function view() {
  const {tab} = query();
  return VIEWS.includes(tab) ? tab : "search";
}

// buildAddress({tab: "browse", series: "Sintel"}) → "?lang=zh&tab=browse&series=Sintel"
function buildAddress(values) {
  const now = new URLSearchParams(location.search);
  const next = new URLSearchParams();
  for (const name of PRESERVED) if (now.has(name)) next.set(name, now.get(name));
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined) next.set(name, value);
  }
  return next.size ? `?${next}` : location.pathname;
}

function navigate(values, {replace = false} = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", buildAddress(values));
  emit("address");
}

// Calls `draw` when the URL changes, by a link or by the browser's buttons.
function onAddressChange(draw) {
  document.addEventListener("whenanime:address", draw);
  addEventListener("popstate", draw);
}

// A link to another state of this page, which can be opened in a new tab.
function makeLink(selector, values, attributes, ...children) {
  return make(selector, {href: buildAddress(values), onclick: (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(values);
  }, ...attributes}, ...children);
}
