// One episode: what it is, and its key frames in order of time.

// `open(at, opener)` shows a second of it large.
function episodePage(episode, open) {
  const frames = episode.timeline.map(({at, image}) => {
    const theme = episode.themes.find(({from, to}) => from <= at && at < to);
    const place = text("frameAt", {at: clock(at)});
    return make("button.wa-key-frame", {
      type: "button", "aria-label": theme ? `${place}, ${text(theme.kind)}` : place,
      onclick: (event) => open(at, event.currentTarget),
    },
      make("img", {src: `${image}?size=m`, alt: "", loading: "lazy"}),
      make("time", {}, clock(at)),
      theme ? make("span.wa-theme", {}, text(theme.kind)) : null);
  });
  const grid = make("div.wa-timeline", {role: "group", "aria-label": text("timeline"),
    onkeydown: (event) => step(event, frames)}, ...frames);
  return [
    make("p.wa-quiet", {}, [runtime(episode.duration), counted("frames", episode.frames),
      episode.filename].filter(Boolean).join(" · ")),
    make("p.wa-quiet", {}, text("timelineText")),
    episode.themes.length ? make("p.wa-themes", {}, ...episode.themes.map((theme) =>
      make("span", {}, `${text(theme.kind)} ${clock(theme.from)} – ${clock(theme.to)}`))) : null,
    grid,
  ].filter(Boolean);
}

// The arrows go from frame to frame, as they lie; Tab goes on as ever.
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
