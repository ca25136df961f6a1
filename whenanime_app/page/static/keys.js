// Keyboard shortcuts; keys that a focused control handles itself are left to it.
const TYPING = "input, select, textarea, [contenteditable]";
const PRESSED = "button, a, summary";

// `first()` returns the card that the keys control when none is focused.
function listenToKeys(first) {
  document.addEventListener("keydown", (event) => {
    const {target, key} = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!(target instanceof Element) || target.closest(TYPING) || target.closest("dialog")) return;
    if (key === "/") {
      if (view() !== "search") navigate({});
      document.querySelector(".wa-address input").focus();
      event.preventDefault();
      return;
    }
    if (view() !== "search") return;
    const current = target.closest(".wa-card") ?? first();
    const act = current && findAction(cards.get(current), key, target);
    if (!act) return;
    act();
    event.preventDefault();
  });
}

function findAction(card, key, target) {
  if (key === " ") return target.closest(PRESSED) ? null : card.toggle;
  return {
    ArrowLeft: card.earlier,
    ArrowRight: card.later,
    m: card.sound,
    M: card.sound,
    Escape: card.stop,
  }[key];
}
