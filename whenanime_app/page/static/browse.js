// The browse view: the library's series, their episodes, an episode's frames.
const board = make("div.wa-library-board", {});
root.append(board);
// Closing a frame opened here is a step back; one opened by the URL stays in the history.
const frameViewer = makeViewer(() => {
  if (opener) history.back();
  else navigate({tab: "browse", episode: query().episode}, {replace: true});
  opener?.focus();
  opener = null;
});
let shownState = null;
let opener = null;
let shownEpisode = null;
onAddressChange(show);
show();

async function show() {
  if (view() !== "browse") {
    // The library may change before the view is opened again.
    shownState = opener = null;
    frameViewer.close();
    return;
  }
  const {series, number, episode, at} = query();
  const wanted = JSON.stringify([series, number, episode]);
  if (wanted !== shownState) {
    frameViewer.close();
    const previous = shownState;
    shownState = wanted;
    shownEpisode = null;
    try {
      const nodes = await (episode ? episodeView(episode) : series ? seriesView(series, number)
        : libraryView());
      if (shownState !== wanted) return;
      board.replaceChildren(...nodes);
    } catch {
      if (shownState !== wanted) return;
      shownState = null;
      board.replaceChildren(trail(), make("section.wa-message.wa-error", {role: "alert"},
        icon("warning"), make("h2", {}, text("errorTitle")), make("p", {}, text("browseError"))));
      return;
    }
    // After a link, a screen reader continues at the new heading.
    if (previous !== null) board.querySelector("h2")?.focus();
  }
  const second = Number.parseFloat(at);
  if (shownEpisode && second >= 0) {
    frameViewer.open(shownEpisode, second);
    return;
  }
  frameViewer.close();
  opener?.focus();
  opener = null;
}

async function libraryView() {
  const library = await fetchJson("./api/v1/library");
  document.title = `${text("browseView")} · WhenAnime`;
  if (!library.series.length) return [heading(text("browseView")), empty()];
  return [
    heading(text("browseView")),
    make("p.wa-quiet", {}, [formatCount("series", library.series.length),
      formatCount("episodes", library.episodes), formatLength(library.seconds)].join(" · ")),
    make("ul.wa-shelf", {}, ...library.series.map(seriesCard)),
  ];
}

function seriesCard(series) {
  const [first, other] = chooseTitles({...series.title, display: series.display, name: series.name});
  return make("li", {}, makeLink("a.wa-tile", addressSeries(series.name, series), {},
    cover(series.image),
    make("span.wa-tile-words", {},
      make("strong", {}, addYear(first, series)), other ? make("span", {}, other) : null,
      make("span.wa-quiet", {},
        `${formatCount("episodes", series.episodes)} · ${formatLength(series.seconds)}`))));
}

// Of several series of one name, a number tells which.
async function seriesView(name, number) {
  const which = number ? `?seriesNumber=${encodeURIComponent(number)}` : "";
  const series = await fetchJson(`./api/v1/series/${encodeURIComponent(name)}${which}`);
  const [first, other] = chooseTitles({...series.title, display: series.display, name: series.name});
  document.title = `${addYear(first, series)} · WhenAnime`;
  const seasons = groupBySeason(series.episodes);
  const named = new Map(series.seasons.map((one) => [one.season, one.name]));
  return [
    trail(),
    heading(addYear(first, series)),
    other ? make("p.wa-quiet", {}, other) : "",
    ...[...seasons].flatMap(([season, episodes]) => [
      seasons.size > 1 || named.get(season)
        ? make("h3.wa-heading", {}, seasonName(season, named.get(season))) : "",
      make("ul.wa-shelf", {}, ...episodes.map(episodeCard)),
      makeSeasonFold(series, season),
    ]),
    ...makeCast(series.characters),
  ].filter(Boolean);
}

// A season's themes, fetched when they are unfolded.
function makeSeasonFold({name, seriesNumber: number}, season) {
  const place = make("div");
  const load = async () => {
    try {
      const [{seasons}, {operator}] = await Promise.all([
        fetchJson(`./api/v1/series/${encodeURIComponent(name)}/themes?seriesNumber=${number}`),
        fetchJson("./api/v1/operator"),
      ]);
      const own = seasons.filter((one) => one.season === season);
      place.replaceChildren(...own.map((one) => makeSeasonThemes(one, operator, load)));
    } catch {
      place.replaceChildren(make("p.wa-quiet", {role: "alert"}, text("browseError")));
    }
  };
  return make("details.wa-season-fold", {
    ontoggle: ({currentTarget}) => currentTarget.open && load(),
  }, make("summary", {}, text("seasonThemes")), place);
}

function makeCast(characters) {
  if (!characters.length) return [];
  return [
    make("h3.wa-heading", {}, text("characters")),
    make("ul.wa-cast", {}, ...characters.map(({name, voice}) => make("li", {},
      make("strong", {}, name), voice ? make("span.wa-quiet", {}, voice) : null))),
  ];
}

function episodeCard(episode) {
  return make("li", {}, makeLink("a.wa-tile", {tab: "browse", episode: episode.key}, {},
    cover(episode.image),
    make("span.wa-tile-words", {},
      make("strong", {}, episode.label || episode.filename),
      episode.title ? make("span", {}, episode.title) : null,
      make("span.wa-quiet", {}, formatRuntime(episode.duration)))));
}

async function episodeView(key) {
  const [episode, themes] = await Promise.all([
    fetchJson(`./api/v1/episodes/${encodeKey(key)}`), fetchThemes(key),
  ]);
  const name = [episode.label, episode.title].filter(Boolean).join(" · ") || episode.filename;
  document.title = `${name} · WhenAnime`;
  shownEpisode = episode;
  return [
    trail(episode),
    heading(name),
    ...makeEpisodePage(episode, themes, (at, button) => {
      opener = button;
      navigate({tab: "browse", episode: key, at: formatSecond(at)});
    }),
  ];
}

function addressSeries(name, {sharedName, seriesNumber}) {
  return {tab: "browse", series: name, number: sharedName ? seriesNumber : null};
}

// The title of a series, with the year where another series has its name.
function addYear(title, {sharedName, year}) {
  return sharedName && year ? `${title} (${year})` : title;
}

// Links back to all series and to an episode's series.
function trail(episode) {
  return make("nav.wa-trail", {"aria-label": text("trail")},
    makeLink("a", {tab: "browse"}, {}, icon("back"), text("allSeries")),
    episode ? makeLink("a", addressSeries(episode.series, episode), {},
      addYear(episode.series, episode)) : null);
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

function groupBySeason(episodes) {
  const seasons = new Map();
  for (const one of episodes) {
    seasons.set(one.season, [...(seasons.get(one.season) ?? []), one]);
  }
  return seasons;
}
