// A still that plays: a silent loop over it, and one loop on the page at a time.
let playing = null;

// Returns `{node, show, toggle, sound, stop}`. `show(moment)` changes the still and, if one is
// playing, the loop; a moment has `image` and `video`, which is empty where there is no video.
function stage({size, alt = "", lazy = false}) {
  const still = make("img", {alt, loading: lazy ? "lazy" : null});
  const play = make("button.wa-play", {type: "button", onclick: toggle});
  const loud = make("button.wa-loud", {type: "button", hidden: "", onclick: sound});
  const node = make("div.wa-stage", {}, still, play, loud);
  const self = {node, still, show, toggle, sound, stop};
  let moment = null;
  let video = null;
  let muted = true;

  function show(next) {
    const went = Boolean(video);
    stop();
    moment = next;
    still.src = next.still ?? `${next.image}?size=${size}`;
    play.hidden = !next.video;
    node.classList.toggle("wa-playable", Boolean(next.video));
    if (went && next.video) start();
  }

  function toggle() {
    if (video) stop();
    else if (moment?.video) start();
  }

  // The silent loop has no sound in it: the other one is fetched.
  function sound() {
    if (!moment?.video) return;
    muted = !muted;
    start();
  }

  function start() {
    playing?.stop();
    video?.remove();
    playing = self;
    video = make("video", {
      src: `${moment.video}?size=${size}${muted ? "&mute" : ""}`, loop: "", playsinline: "",
    });
    const mine = video;
    video.muted = muted;
    video.addEventListener("playing", () => node.classList.replace("wa-loading", "wa-playing"));
    video.addEventListener("error", () => {
      if (video !== mine) return;
      stop();
      node.append(make("p.wa-broken", {role: "status"}, text("noPreview")));
    });
    node.querySelector(".wa-broken")?.remove();
    node.classList.remove("wa-playing");
    node.classList.add("wa-loading");
    loud.hidden = false;
    dress();
    node.insertBefore(video, play);
    // Stopping while it loads rejects the promise; there is nothing to do about that.
    video.play().catch(() => {});
  }

  function stop() {
    if (playing === self) playing = null;
    video?.remove();
    video = null;
    loud.hidden = true;
    node.classList.remove("wa-loading", "wa-playing");
    node.querySelector(".wa-broken")?.remove();
    dress();
  }

  function dress() {
    play.setAttribute("aria-label", text(video ? "stop" : "play"));
    play.replaceChildren(icon(video ? "stop" : "play"));
    loud.setAttribute("aria-label", text(muted ? "unmute" : "mute"));
    loud.replaceChildren(icon(muted ? "silent" : "sound"));
  }

  dress();
  return self;
}
// What is out of sight is not heard.
onAddress(() => playing?.stop());
