// The name and the links to the three views; the style sheet shows one view.
const mark = icon("play");
mark.setAttribute("class", "wa-mark");
const links = VIEWS.map((name) => makeLink(`a.wa-view`, name === "search" ? {} : {tab: name}, {},
  text(`${name}View`)));
root.append(
  make("div.wa-brand", {}, make("span.wa-logo", {}, mark), make("h1", {}, "WhenAnime")),
  make("p.wa-tagline", {}, text("tagline")),
  make("nav.wa-views", {"aria-label": text("views")}, ...links),
  make("div.wa-sr", {id: "wa-said", role: "status"}),
);

function show() {
  const open = view();
  document.documentElement.dataset.view = open;
  VIEWS.forEach((name, index) => {
    if (name === open) links[index].setAttribute("aria-current", "page");
    else links[index].removeAttribute("aria-current");
  });
  if (open !== "browse") document.title = "WhenAnime";
}
onAddressChange(show);
show();
