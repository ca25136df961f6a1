// A second of an episode, large: to look at, to play, and to search for.
const FINE = 0.125;

// Returns `{open, close}`; `closed` is called when the viewer was closed by whoever looks.
function viewer(closed) {
  const view = stage({size: "l"});
  const when = make("output", {});
  const slider = make("input.wa-slider", {
    type: "range", min: 0, step: FINE, "aria-label": text("second"),
    oninput: () => look(Number(slider.value)),
    onchange: () => seek(Number(slider.value), 0),
  });
  const heading = make("h2", {id: "wa-viewer-name"});
  const earlier = jumper("earlier", -1);
  const later = jumper("later", 1);
  const dialog = make("dialog.wa-viewer", {
    "aria-labelledby": "wa-viewer-name",
    onkeydown: keyed,
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
        copier(".wa-copy", "copyTime", "copy", () => clock(at), "copied"),
        copier(".wa-share", "share", "link", () => location.href, "linkCopied"),
        make("button.wa-action", {type: "button", title: text("searchFrameTitle"),
          onclick: searchFrame}, icon("search"), make("span", {}, text("searchFrame"))))));
  root.append(dialog);
  let episode = null;
  let at = 0;
  let asked = 0;

  function jumper(name, step) {
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
    // The small picture is here already, and stands until the large one is.
    const near = next.timeline.find((frame) => Math.abs(frame.at - second) < 0.5);
    if (near?.image) view.show({image: near.image, still: `${near.image}?size=m`, video: ""});
    seek(second, 0);
  }

  function close() {
    episode = null;
    dialog.close();
  }

  // While the slider moves there are stills alone.
  function look(second) {
    set(second);
    asked += 1;
    view.show({still: frameOf(episode.key, second), video: ""});
  }

  async function seek(second, step) {
    const mine = ++asked;
    const playedOn = view.node.matches(".wa-playing, .wa-loading");
    const moment = await momentAt(episode.key, second, step);
    if (mine !== asked || !episode) return;
    if (!moment) {
      say(text("noMoment"));
      return;
    }
    // A still of the very second that was asked for; of a jump, that of the scene.
    const exact = step ? moment.at : second;
    set(exact);
    view.show({...moment, still: step ? undefined : frameOf(episode.key, exact)});
    if (playedOn && !view.node.matches(".wa-playing, .wa-loading")) view.toggle();
    earlier.disabled = moment.first;
    later.disabled = moment.last;
    go({tab: "browse", episode: episode.key, at: secondOf(exact)}, {replace: true});
  }

  function set(second) {
    at = second;
    slider.value = second;
    slider.setAttribute("aria-valuetext", clock(second));
    when.textContent = clock(second);
    heading.textContent = [episode.label, episode.title, clock(second)].filter(Boolean).join(" · ");
  }

  async function searchFrame() {
    const answer = await fetch(frameOf(episode.key, at)).catch(() => null);
    if (!answer?.ok) {
      say(text("noMoment"));
      return;
    }
    const blob = await answer.blob();
    close();
    tell("take", {blob});
  }

  function keyed(event) {
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

function frameOf(key, second) {
  return `./api/v1/episodes/${pathOf(key)}/frame?at=${second.toFixed(3)}&size=l`;
}

// As it stands in an address, to the millisecond: 8.05 → "8.05".
function secondOf(second) {
  return String(Math.round(second * 1000) / 1000);
}

// A key has `/` in it, which stays.
function pathOf(key) {
  return key.split("/").map(encodeURIComponent).join("/");
}
