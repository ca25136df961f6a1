// Announcements to screen readers, and buttons that copy a text.

function announce(words) {
  const region = document.getElementById("wa-said");
  if (region) region.textContent = words;
}

// A button that copies what `words()` returns, and confirms it in its label.
function makeCopyButton(classes, name, picture, words, done) {
  const label = make("span", {}, text(name));
  const button = make(`button.wa-action${classes}`, {
    type: "button", title: text(`${name}Title`), "aria-label": text(`${name}Title`),
  }, icon(picture), label);
  let back = null;
  button.addEventListener("click", async () => {
    const succeeded = await copyText(words());
    const result = text(succeeded ? done : "notCopied");
    label.textContent = result;
    button.replaceChildren(icon(succeeded ? "done" : "warning"), label);
    announce(result);
    clearTimeout(back);
    back = setTimeout(() => {
      label.textContent = text(name);
      button.replaceChildren(icon(picture), label);
    }, 2000);
  });
  return button;
}

async function copyText(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    // Without https there is no clipboard: fall back to execCommand.
  }
  const field = make("textarea", {readonly: "", "aria-hidden": "true", tabindex: "-1"});
  field.value = words;
  field.style.cssText = "position:fixed;inset:0 auto auto 0;opacity:0";
  const before = document.activeElement;
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const succeeded = document.execCommand("copy");
  field.remove();
  before?.focus();
  return succeeded;
}
