// The themes of an episode or a season: a band of time, a list, and the operator's buttons.
// Colours of a season's templates, by their order; a band has no text, so any hue is readable.
const TEMPLATE_COLOURS = 8;

// Returns `{segments, templates, computed}` of an episode, and whether the visitor is the operator.
async function fetchThemes(key) {
  const [themes, {operator}] = await Promise.all([
    fetchJson(`./api/v1/episodes/${encodeKey(key)}/themes`), fetchJson("./api/v1/operator"),
  ]);
  return {...themes, operator};
}

// The section of an episode's page; it draws itself again after a change.
function makeThemes(themes) {
  const section = make("section.wa-themes", {"aria-label": text("themesTitle")});
  const draw = (next) => {
    const shown = next.segments;
    section.replaceChildren(
      make("h3.wa-heading", {}, text("themesTitle")),
      ...(shown.length ? [
        makeBand(shown, next.duration, ({type}) => `wa-of-${type}`),
        make("ul.wa-theme-list", {}, ...shown.map((one) => makeItem(one, next, change))),
      ] : [make("p.wa-quiet", {}, text(next.computed ? "themesNone" : "themesWaiting"))]),
    );
  };
  const change = (method, query, word) => save(section, themesUrl(themes.key, query), method, word,
    (answer) => draw({...answer, operator: true}));
  draw(themes);
  return section;
}

function themesUrl(key, query) {
  return `./api/v1/episodes/${encodeKey(key)}/themes${query}`;
}

// A season's templates, and a row with a band for each episode.
function makeSeasonThemes(season, operator, reload) {
  const order = new Map(season.templates.map(({id}, index) => [id, index % TEMPLATE_COLOURS]));
  const colour = ({template, type}) =>
    order.has(template) ? `wa-template-${order.get(template)}` : `wa-alone.wa-of-${type}`;
  const section = make("section.wa-season-themes", {});
  const count = season.episodes.length;
  section.append(
    season.templates.length ? make("ul.wa-theme-list", {}, ...season.templates.map((one) => {
      const what = text(one.type);
      const word = (values) => save(section, themesUrl(shownBy(season, one.id), ""), "POST",
        {template: one.id, ...values}, reload);
      return make("li", {},
        make(`span.wa-swatch.wa-template-${order.get(one.id)}`, {"aria-hidden": "true"}),
        make("strong", {}, what), make("span", {}, formatClock(one.seconds)),
        make("span.wa-quiet", {}, describe([
          text("inEpisodes", {n: one.in_episodes, of: count}),
          one.never_skip ? text("neverSkipped") : "",
        ])),
        ...(operator ? [
          one.confirmed ? null : makeWordButton("confirm", what, () => word({confirmed: true})),
          makeSkipButton(one, what, (never_skip) => word({never_skip})),
        ] : []));
    })) : make("p.wa-quiet", {}, text(season.computed ? "themesNone" : "themesWaiting")),
    make("ol.wa-season-rows", {}, ...season.episodes.map((one) => make("li", {},
      makeLink("a", {tab: "browse", episode: one.key}, {}, one.label || one.title || one.key),
      makeBand(one.segments, one.duration, colour)))),
  );
  return section;
}

function shownBy(season, template) {
  return season.episodes.find(({segments}) =>
    segments.some((one) => one.template === template)).key;
}

// A strip as long as the episode; what is not certain is hatched.
function makeBand(segments, duration, colour) {
  const says = segments.map((one) =>
    `${text(one.type)} ${formatClock(one.from)} – ${formatClock(one.to)}`).join(", ");
  const band = make("div.wa-band", {role: "img",
    "aria-label": text("bandText", {says: says || text("themesNone")})});
  for (const one of segments) {
    const unsure = one.confidence === "certain" ? "" : ".wa-unsure";
    const part = make(`span.${colour(one)}${unsure}`);
    part.style.left = `${(100 * one.from) / duration}%`;
    part.style.width = `${(100 * (one.to - one.from)) / duration}%`;
    band.append(part);
  }
  return band;
}

function makeItem(segment, themes, change) {
  const what = text(segment.type);
  const template = themes.templates.find(({id}) => id === segment.template);
  const span = {from: segment.from, to: segment.to};
  const confirm = () => (template
    ? change("POST", "", {template: template.id, confirmed: true})
    : change("PUT", "", {type: segment.type, ...span}));
  const skip = (never_skip) => (template
    ? change("POST", "", {template: template.id, never_skip})
    : change("PUT", "", {type: segment.type, never_skip, ...span}));
  return make(`li.wa-is-${segment.confidence}`, {},
    make(`span.wa-swatch.wa-of-${segment.type}${segment.confidence === "certain" ? ""
      : ".wa-unsure"}`, {"aria-hidden": "true"}),
    make("strong", {}, what),
    make("span", {}, `${formatClock(segment.from)} – ${formatClock(segment.to)}`),
    make("span.wa-quiet", {}, describe([
      text(`confidence_${segment.confidence}`),
      segment.source === "operator" ? text("source_operator")
        : segment.title ? text("source_chapter", {title: segment.title}) : "",
      segment.in_episodes ? text("inEpisodes", {n: segment.in_episodes, of: themes.of_episodes}) : "",
      segment.first ? text("firstHere") : "",
      segment.never_skip ? text("neverSkipped") : "",
    ])),
    ...(themes.operator ? [
      segment.confidence === "certain" ? null : makeWordButton("confirm", what, confirm),
      makeSkipButton(segment, what, skip),
      makeWordButton("wrong", what, () =>
        change("DELETE", `?from=${segment.from}&to=${segment.to}`)),
    ] : []));
}

function makeSkipButton({never_skip}, what, act) {
  return never_skip
    ? makeWordButton("maySkip", what, () => act(false))
    : makeWordButton("neverSkip", what, () => act(true));
}

function makeWordButton(name, what, onclick) {
  const title = text(`${name}Title`, {what});
  return make("button.wa-action.wa-word", {type: "button", title, "aria-label": title, onclick},
    text(name));
}

function describe(words) {
  return words.filter(Boolean).join(" · ");
}

// Sends a change; `done` gets what is shown from then on. An error is shown in the section.
async function save(section, address, method, word, done) {
  const answer = await fetch(address, {
    method, headers: word ? {"Content-Type": "application/json"} : {},
    body: word ? JSON.stringify(word) : null,
  }).catch(() => null);
  const says = await answer?.json().catch(() => null);
  if (answer?.ok) {
    done(says);
    announce(text("saved"));
    return;
  }
  section.querySelector(".wa-not-saved")?.remove();
  section.append(make("p.wa-not-saved", {role: "alert"}, `${text("notSaved")}. `,
    says?.error ? make("span", {lang: "en"}, says.error) : ""));
}

async function fetchJson(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}
