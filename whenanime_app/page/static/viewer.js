// A dialog with one second of an episode, to play it and to search for it.
const FINE = 0.125;

// Returns `{open, close}`; `closed` is called when the visitor closes the viewer.
function makeViewer(closed) {
  const view = makePlayer({size: "l"});
  const when = make("output", {});
  const slider = make("input.wa-slider", {
    type: "range", min: 0, step: FINE, "aria-label": text("second"),
    oninput: () => showStill(Number(slider.value)),
    onchange: () => seek(Number(slider.value), 0),
  });
  const heading = make("h2", {id: "wa-viewer-name"});
  const earlier = makeJumpButton("earlier", -1);
  const later = makeJumpButton("later", 1);
  const dialog = make("dialog.wa-viewer", {
    "aria-labelledby": "wa-viewer-name",
    onkeydown: onKey,
    onclose: () => {
      view.stop();
      if (episode) closed();
      episode = null;
    },
    onclick: (event) => event.target === dialog && dialog.close(),
  },
    make("div.wa-viewer-inside", {},
      make("header.wa-viewer-head", {}, heading,
        make("button.wa-action.wa-close", {
          type: "button", "aria-label": text("close"), title: text("close"),
          onclick: () => dialog.close(),
        }, icon("close"))),
      view.node,
      make("div.wa-scrub", {}, earlier, slider, later),
      make("div.wa-actions", {}, when,
        makeCopyButton(".wa-copy", "copyTime", "copy", () => formatClock(at), "copied"),
        makeCopyButton(".wa-share", "share", "link", () => location.href, "linkCopied"),
        make("button.wa-action", {type: "button", title: text("searchFrameTitle"),
          onclick: searchFrame}, icon("search"), make("span", {}, text("searchFrame"))))));
  root.append(dialog);
  let episode = null;
  let at = 0;
  let lastRequest = 0;

  function makeJumpButton(name, step) {
    return make("button.wa-action", {
      type: "button", "aria-label": text(`${name}Title`), title: text(`${name}Title`),
      onclick: () => seek(at, step),
    }, icon(name));
  }

  function open(next, second) {
    const same = episode?.key === next.key && Math.abs(at - second) < 0.05;
    episode = next;
    if (!dialog.open) dialog.showModal();
    slider.max = Math.max(FINE, next.duration);
    if (same && view.still.src) return;
    // The small picture is loaded already, and is shown until the large one is.
    const near = next.timeline.find((frame) => Math.abs(frame.at - second) < 0.5);
    if (near?.image) view.show({image: near.image, still: `${near.image}?size=m`, video: ""});
    seek(second, 0);
  }

  function close() {
    episode = null;
    dialog.close();
  }

  // While the slider moves, only stills are shown.
  function showStill(second) {
    set(second);
    lastRequest += 1;
    view.show({still: frameUrl(episode.key, second), video: ""});
  }

  async function seek(second, step) {
    const mine = ++lastRequest;
    const wasPlaying = view.node.matches(".wa-playing, .wa-loading");
    const moment = await fetchMoment(episode.key, second, step);
    if (mine !== lastRequest || !episode) return;
    if (!moment) {
      announce(text("noMoment"));
      return;
    }
    // The still of the requested second; after a jump, the scene's still.
    const exact = step ? moment.at : second;
    set(exact);
    view.show({...moment, still: step ? undefined : frameUrl(episode.key, exact)});
    if (wasPlaying && !view.node.matches(".wa-playing, .wa-loading")) view.toggle();
    earlier.disabled = moment.first;
    later.disabled = moment.last;
    navigate({tab: "browse", episode: episode.key, at: formatSecond(exact)}, {replace: true});
  }

  function set(second) {
    at = second;
    slider.value = second;
    slider.setAttribute("aria-valuetext", formatClock(second));
    when.textContent = formatClock(second);
    heading.textContent = [episode.label, episode.title, formatClock(second)]
      .filter(Boolean).join(" · ");
  }

  async function searchFrame() {
    const answer = await fetch(frameUrl(episode.key, at)).catch(() => null);
    if (!answer?.ok) {
      announce(text("noMoment"));
      return;
    }
    const blob = await answer.blob();
    close();
    emit("take", {blob});
  }

  function onKey(event) {
    const {key, target} = event;
    const act = {m: view.sound, M: view.sound}[key]
      ?? (target === slider ? null
        : {ArrowLeft: () => earlier.click(), ArrowRight: () => later.click()}[key])
      ?? (key === " " && !target.closest("button, a") ? view.toggle : null);
    if (!act) return;
    act();
    event.preventDefault();
  }

  return {open, close};
}

function frameUrl(key, second) {
  return `./api/v1/episodes/${encodeKey(key)}/frame?at=${second.toFixed(3)}&size=l`;
}

// Formats seconds for a URL, to the millisecond: 8.05 → "8.05".
function formatSecond(second) {
  return String(Math.round(second * 1000) / 1000);
}

// Encodes an episode's key for a path; its `/` stay.
function encodeKey(key) {
  return key.split("/").map(encodeURIComponent).join("/");
}
