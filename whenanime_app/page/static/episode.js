// An episode's page: facts, themes and keyframes in order of time.

// `themes` is what `fetchThemes` returns; `open(at, opener)` opens a second in the viewer.
function makeEpisodePage(episode, themes, open) {
  const marked = themes.segments.filter(({confidence}) => confidence !== "possible");
  const frames = episode.timeline.map(({at, image}) => {
    const theme = marked.find(({from, to}) => from <= at && at < to);
    const place = text("frameAt", {at: formatClock(at)});
    return make("button.wa-key-frame", {
      type: "button", "aria-label": theme ? `${place}, ${text(theme.type)}` : place,
      onclick: (event) => open(at, event.currentTarget),
    },
      make("img", {src: `${image}?size=m`, alt: "", loading: "lazy"}),
      make("time", {}, formatClock(at)),
      theme ? make("span.wa-theme", {}, text(theme.type)) : null);
  });
  const grid = make("div.wa-timeline", {role: "group", "aria-label": text("timeline"),
    onkeydown: (event) => step(event, frames)}, ...frames);
  return [
    make("p.wa-quiet", {}, [formatRuntime(episode.duration), formatCount("frames", episode.frames),
      episode.filename].filter(Boolean).join(" · ")),
    makeThemes(themes),
    make("h3.wa-heading", {}, text("timeline")),
    make("p.wa-quiet", {}, text("timelineText")),
    grid,
  ];
}

// Arrow keys move the focus between frames by row and column; Tab is left alone.
function step(event, frames) {
  const here = frames.indexOf(document.activeElement);
  if (here < 0) return;
  const across = frames.filter((frame) => frame.offsetTop === frames[0].offsetTop).length;
  const far = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across}[event.key];
  const next = far && frames[here + far];
  if (!next) return;
  next.focus();
  event.preventDefault();
}
