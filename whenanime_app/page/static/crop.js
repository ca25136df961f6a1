// The box of the part that is searched, drawn by mouse, finger or keys.
const WHOLE_PICTURE = {left: 0, top: 0, width: 1, height: 1};
const FIRST_BOX = {left: 0.1, top: 0.1, width: 0.8, height: 0.8};
const MIN_SIDE = 0.06;
const KEY_STEP = 0.02;
const DRAG_PIXELS = 6;
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

// Draws a box over `frame`, an element as large as its picture. `changed` is called when the box
// appears, disappears or moves; `search` when it is pressed.
function makeCropper(frame, {changed, search}) {
  const handles = ["nw", "ne", "sw", "se"].map((corner) =>
    make(`span.wa-handle.wa-handle-${corner}`, {"data-corner": corner}));
  const box = make("button.wa-box", {type: "button", hidden: ""}, ...handles);
  frame.append(box);
  let part = null;
  let drag = null;

  function set(next) {
    part = next;
    box.hidden = !part;
    if (part) {
      for (const [name, share] of Object.entries(part)) box.style[name] = `${100 * share}%`;
      const percent = Object.fromEntries(
        Object.entries(part).map(([name, share]) => [name, Math.round(100 * share)]));
      box.setAttribute("aria-label", text("boxLabel", percent));
    }
    changed(part);
  }

  function point(event) {
    const {left, top, width, height} = frame.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  }

  frame.addEventListener("pointerdown", (event) => {
    // Without a box, a finger scrolls the page.
    if (event.button !== 0 || (!part && event.pointerType !== "mouse")) return;
    const [x, y] = point(event);
    const corner = event.target.dataset?.corner;
    if (corner) {
      const fixed = [
        corner.endsWith("w") ? part.left + part.width : part.left,
        corner.startsWith("n") ? part.top + part.height : part.top,
      ];
      drag = {kind: "draw", from: fixed, begun: true};
    } else if (box.contains(event.target)) {
      drag = {kind: "move", grip: [x - part.left, y - part.top], from: [x, y], begun: false};
    } else {
      drag = {kind: "draw", from: [x, y], begun: false};
    }
    drag.at = [event.clientX, event.clientY];
    drag.moved = false;
    frame.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  frame.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const far = Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]);
    if (!drag.moved && far < DRAG_PIXELS) return;
    drag.moved = true;
    const [x, y] = point(event);
    set(drag.kind === "move"
      ? clampBox({...part, left: x - drag.grip[0], top: y - drag.grip[1]})
      : boxBetween(drag.from, [x, y]));
  });
  frame.addEventListener("pointerup", () => {
    if (drag && part) box.focus({preventScroll: true});
    drag = null;
  });
  frame.addEventListener("pointercancel", () => {
    drag = null;
  });
  // The frame captures the pointer, so that only keys click the box.
  box.addEventListener("click", search);
  box.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const [x, y] = arrow.map((way) => way * KEY_STEP);
      set(event.shiftKey
        ? clampBox({...part, width: part.width + x, height: part.height + y})
        : clampBox({...part, left: part.left + x, top: part.top + y}));
    } else if (event.key === "Escape") {
      set(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    get part() { return part; },
    begin() {
      set({...FIRST_BOX});
      box.focus({preventScroll: true});
    },
    end: () => set(null),
    flip: () => part && set({...part, left: 1 - part.left - part.width}),
  };
}

// The box between two points, inside the picture and large enough to be grabbed.
function boxBetween([ax, ay], [bx, by]) {
  const inside = (share) => Math.min(1, Math.max(0, share));
  const [left, right] = [ax, bx].map(inside).sort((a, b) => a - b);
  const [top, bottom] = [ay, by].map(inside).sort((a, b) => a - b);
  return clampBox({left, top, width: right - left, height: bottom - top});
}

function clampBox({left, top, width, height}) {
  const size = (share) => Math.min(1, Math.max(MIN_SIDE, share));
  const place = (share, long) => Math.min(1 - long, Math.max(0, share));
  const [across, down] = [size(width), size(height)];
  return {left: place(left, across), top: place(top, down), width: across, height: down};
}
