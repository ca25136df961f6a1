// Keys for who has no hand on the mouse; they leave alone what a focused control does itself.
const TYPING = "input, select, textarea, [contenteditable]";
const PRESSED = "button, a, summary";

// `first()` is the card that is meant when none is focused.
function listenToKeys(first) {
  document.addEventListener("keydown", (event) => {
    const {target, key} = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!(target instanceof Element) || target.closest(TYPING) || target.closest("dialog")) return;
    if (key === "/") {
      if (view() !== "search") go({});
      document.querySelector(".wa-address input").focus();
      event.preventDefault();
      return;
    }
    if (view() !== "search") return;
    const current = target.closest(".wa-card") ?? first();
    const act = current && actionOf(cards.get(current), key, target);
    if (!act) return;
    act();
    event.preventDefault();
  });
}

function actionOf(card, key, target) {
  if (key === " ") return target.closest(PRESSED) ? null : card.toggle;
  return {
    ArrowLeft: card.earlier,
    ArrowRight: card.later,
    m: card.sound,
    M: card.sound,
    Escape: card.stop,
  }[key];
}
