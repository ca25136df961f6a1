// One episode: what it is, and its key frames in order of time.

// `open(at, opener)` shows a second of it large.
function episodePage(episode, open) {
  const frames = episode.timeline.map(({at, image}) => make("button.wa-key-frame", {
    type: "button", "aria-label": text("frameAt", {at: clock(at)}),
    onclick: (event) => open(at, event.currentTarget),
  },
    make("img", {src: `${image}?size=m`, alt: "", loading: "lazy"}),
    make("time", {}, clock(at))));
  const grid = make("div.wa-timeline", {role: "group", "aria-label": text("timeline"),
    onkeydown: (event) => step(event, frames)}, ...frames);
  return [
    make("p.wa-quiet", {}, [runtime(episode.duration), counted("frames", episode.frames),
      episode.filename].filter(Boolean).join(" · ")),
    make("p.wa-quiet", {}, text("timelineText")),
    grid,
  ];
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
