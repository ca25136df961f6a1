// The name, and what it does.
const mark = icon("play");
mark.setAttribute("class", "wa-mark");
root.append(
  make("div.wa-brand", {}, make("span.wa-logo", {}, mark), make("h1", {}, "WhenAnime")),
  make("p.wa-tagline", {}, text("tagline")),
);
