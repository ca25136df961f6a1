// What is in the library: its series, their episodes, an episode's frames.
const board = make("div.wa-library-board", {});
root.append(board);
// Closing a frame that was opened here is a step back; one that the address named leaves it.
const shown = viewer(() => {
  if (opener) history.back();
  else go({tab: "browse", episode: query().episode}, {replace: true});
  opener?.focus();
  opener = null;
});
let drawn = null;
let opener = null;
let known = null;
onAddress(show);
show();

async function show() {
  if (view() !== "browse") {
    // Until someone comes back the library may change.
    drawn = opener = null;
    shown.close();
    return;
  }
  const {series, episode, at} = query();
  const wanted = JSON.stringify([series, episode]);
  if (wanted !== drawn) {
    shown.close();
    const before = drawn;
    drawn = wanted;
    known = null;
    try {
      const nodes = await (episode ? episodeView(episode) : series ? seriesView(series)
        : libraryView());
      if (drawn !== wanted) return;
      board.replaceChildren(...nodes);
    } catch {
      if (drawn !== wanted) return;
      drawn = null;
      board.replaceChildren(trail(), make("section.wa-message.wa-error", {role: "alert"},
        icon("warning"), make("h2", {}, text("errorTitle")), make("p", {}, text("browseError"))));
      return;
    }
    // Who went on from a link here goes on reading at the new heading.
    if (before !== null) board.querySelector("h2")?.focus();
  }
  const second = Number.parseFloat(at);
  if (known && second >= 0) {
    shown.open(known, second);
    return;
  }
  shown.close();
  opener?.focus();
  opener = null;
}

async function libraryView() {
  const library = await json("./api/v1/library");
  document.title = `${text("browseView")} · WhenAnime`;
  if (!library.series.length) return [heading(text("browseView")), empty()];
  return [
    heading(text("browseView")),
    make("p.wa-quiet", {}, [counted("series", library.series.length),
      counted("episodes", library.episodes), lengthOf(library.seconds)].join(" · ")),
    make("ul.wa-shelf", {}, ...library.series.map(seriesCard)),
  ];
}

function seriesCard(series) {
  const [first, other] = titlesOf({...series.title, name: series.name});
  return make("li", {}, link("a.wa-tile", {tab: "browse", series: series.name}, {},
    cover(series.image),
    make("span.wa-tile-words", {},
      make("strong", {}, first), other ? make("span", {}, other) : null,
      make("span.wa-quiet", {},
        `${counted("episodes", series.episodes)} · ${lengthOf(series.seconds)}`))));
}

async function seriesView(name) {
  const series = await json(`./api/v1/series/${encodeURIComponent(name)}`);
  const [first, other] = titlesOf({...series.title, name: series.name});
  document.title = `${first} · WhenAnime`;
  const seasons = grouped(series.episodes);
  const named = new Map(series.seasons.map((one) => [one.season, one.name]));
  return [
    trail(),
    heading(first),
    other ? make("p.wa-quiet", {}, other) : "",
    ...[...seasons].flatMap(([season, episodes]) => [
      seasons.size > 1 || named.get(season)
        ? make("h3.wa-heading", {}, seasonName(season, named.get(season))) : "",
      make("ul.wa-shelf", {}, ...episodes.map(episodeCard)),
    ]),
    ...castOf(series.characters),
  ].filter(Boolean);
}

function castOf(characters) {
  if (!characters.length) return [];
  return [
    make("h3.wa-heading", {}, text("characters")),
    make("ul.wa-cast", {}, ...characters.map(({name, voice}) => make("li", {},
      make("strong", {}, name), voice ? make("span.wa-quiet", {}, voice) : null))),
  ];
}

function episodeCard(episode) {
  return make("li", {}, link("a.wa-tile", {tab: "browse", episode: episode.key}, {},
    cover(episode.image),
    make("span.wa-tile-words", {},
      make("strong", {}, episode.label || episode.filename),
      episode.title ? make("span", {}, episode.title) : null,
      make("span.wa-quiet", {}, runtime(episode.duration)))));
}

async function episodeView(key) {
  const episode = await json(`./api/v1/episodes/${pathOf(key)}`);
  const name = [episode.label, episode.title].filter(Boolean).join(" · ") || episode.filename;
  document.title = `${name} · WhenAnime`;
  known = episode;
  return [
    trail(episode.series),
    heading(name),
    ...episodePage(episode, (at, button) => {
      opener = button;
      go({tab: "browse", episode: key, at: secondOf(at)});
    }),
  ];
}

// The way back: to all series, and to an episode's own.
function trail(series) {
  return make("nav.wa-trail", {"aria-label": text("trail")},
    link("a", {tab: "browse"}, {}, icon("back"), text("allSeries")),
    series ? link("a", {tab: "browse", series}, {}, series) : null);
}

function heading(words) {
  return make("h2.wa-page-title", {tabindex: "-1"}, words);
}

function cover(image) {
  return make("span.wa-cover", {},
    image ? make("img", {src: `${image}?size=m`, alt: "", loading: "lazy"}) : null);
}

function empty() {
  return make("section.wa-message.wa-empty-shelf", {}, icon("series"),
    make("h3", {}, text("emptyTitle")), make("p", {}, text("emptyText")),
    make("code", {}, "whenanime index --videos DIR"));
}

function seasonName(season, name) {
  const numbered = season === 0 ? text("specials") : season === null ? text("noSeason")
    : text("season", {n: season});
  return name ? `${numbered} · ${name}` : numbered;
}

function grouped(episodes) {
  const seasons = new Map();
  for (const one of episodes) {
    seasons.set(one.season, [...(seasons.get(one.season) ?? []), one]);
  }
  return seasons;
}

async function json(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}
