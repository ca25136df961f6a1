// Seconds, lengths and titles in words, and what is said to who does not see the page.

// 754.5 → "12:34.5"
function clock(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const part = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(tenths / 36000);
  const minutes = Math.floor(tenths / 600) % 60;
  const rest = `${part(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours ? `${hours}:${part(minutes)}:${rest}` : `${minutes}:${rest}`;
}

// 5400 → "90 min"
function lengthOf(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 120
    ? text("minutes", {n: minutes})
    : text("hours", {n: Math.round(minutes / 60)});
}

// 57 → "0:57", 1440 → "24 min": of one episode, where a minute tells too little of a short one.
function runtime(seconds) {
  return seconds < 600 ? clock(seconds).split(".")[0] : lengthOf(seconds);
}

// counted("episodes", 1) → "1 episode"
function counted(name, n) {
  return text(n === 1 ? `${name}1` : name, {n: n.toLocaleString(language)});
}

// The title as its country writes it, and the first of the others that says something else.
function titlesOf({native, romaji, english, name}) {
  const first = native || name;
  return [first, [romaji, english, name].find((title) => title && title !== first) ?? ""];
}

// An element with a server's message in this language; in English when its code has no text.
function reason(selector, message) {
  return make(selector, hasText(message) ? {} : {lang: "en"}, translate(message));
}

// A message is `{text, code, values}`, with values that may be messages again.
function translate(message) {
  if (typeof message !== "object") return String(message);
  if (!hasText(message)) return message.text;
  const values = Object.entries(message.values).map(([name, value]) => [name, translate(value)]);
  return text(message.code, Object.fromEntries(values));
}

function hasText({code}) {
  return code !== null && Object.hasOwn(texts, code);
}

function say(words) {
  const said = document.getElementById("wa-said");
  if (said) said.textContent = words;
}

// A button that copies and says so; `words` is called when it is pressed.
function copier(classes, name, picture, words, done) {
  const label = make("span", {}, text(name));
  const button = make(`button.wa-action${classes}`, {
    type: "button", title: text(`${name}Title`), "aria-label": text(`${name}Title`),
  }, icon(picture), label);
  let back = null;
  button.addEventListener("click", async () => {
    const worked = await copied(words());
    const said = text(worked ? done : "notCopied");
    label.textContent = said;
    button.replaceChildren(icon(worked ? "done" : "warning"), label);
    say(said);
    clearTimeout(back);
    back = setTimeout(() => {
      label.textContent = text(name);
      button.replaceChildren(icon(picture), label);
    }, 2000);
  });
  return button;
}

async function copied(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    // Without https there is no clipboard, but still the old way.
  }
  const field = make("textarea", {readonly: "", "aria-hidden": "true", tabindex: "-1"});
  field.value = words;
  field.style.cssText = "position:fixed;inset:0 auto auto 0;opacity:0";
  const before = document.activeElement;
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const worked = document.execCommand("copy");
  field.remove();
  before?.focus();
  return worked;
}
