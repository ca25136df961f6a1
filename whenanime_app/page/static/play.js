// A still with a looping clip over it; one clip plays on the page at a time.
let playing = null;

// Returns `{node, still, show, toggle, sound, stop}`. `show(moment)` changes the still and, if one
// is playing, the clip; a moment has `image` and `video`, which is empty without a video.
function makePlayer({size, alt = "", lazy = false}) {
  const still = make("img", {alt, loading: lazy ? "lazy" : null});
  const play = make("button.wa-play", {type: "button", onclick: toggle});
  const soundButton = make("button.wa-loud", {type: "button", hidden: "", onclick: sound});
  const node = make("div.wa-stage", {}, still, play, soundButton);
  const self = {node, still, show, toggle, sound, stop};
  let moment = null;
  let video = null;
  let muted = true;

  function show(next) {
    const wasPlaying = Boolean(video);
    stop();
    moment = next;
    still.src = next.still ?? `${next.image}?size=${size}`;
    play.hidden = !next.video;
    node.classList.toggle("wa-playable", Boolean(next.video));
    if (wasPlaying && next.video) start();
  }

  function toggle() {
    if (video) stop();
    else if (moment?.video) start();
  }

  // The muted clip has no sound track: the clip with sound is fetched.
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
    soundButton.hidden = false;
    drawButtons();
    node.insertBefore(video, play);
    // Stopping while it loads rejects the promise, which is no error.
    video.play().catch(() => {});
  }

  function stop() {
    if (playing === self) playing = null;
    video?.remove();
    video = null;
    soundButton.hidden = true;
    node.classList.remove("wa-loading", "wa-playing");
    node.querySelector(".wa-broken")?.remove();
    drawButtons();
  }

  function drawButtons() {
    play.setAttribute("aria-label", text(video ? "stop" : "play"));
    play.replaceChildren(icon(video ? "stop" : "play"));
    soundButton.setAttribute("aria-label", text(muted ? "unmute" : "mute"));
    soundButton.replaceChildren(icon(muted ? "silent" : "sound"));
  }

  drawButtons();
  return self;
}
// A hidden clip makes no sound.
onAddressChange(() => playing?.stop());
