// Formats times, lengths, counts, titles and messages in the reader's language.

// 754.5 → "12:34.5"
function formatClock(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const part = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(tenths / 36000);
  const minutes = Math.floor(tenths / 600) % 60;
  const rest = `${part(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours ? `${hours}:${part(minutes)}:${rest}` : `${minutes}:${rest}`;
}

// 5400 → "90 min"
function formatLength(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 120
    ? text("minutes", {n: minutes})
    : text("hours", {n: Math.round(minutes / 60)});
}

// 57 → "0:57", 1440 → "24 min": for one episode, as minutes are too coarse for a short one.
function formatRuntime(seconds) {
  return seconds < 600 ? formatClock(seconds).split(".")[0] : formatLength(seconds);
}

// formatCount("episodes", 1) → "1 episode"
function formatCount(name, n) {
  return text(n === 1 ? `${name}1` : name, {n: n.toLocaleString(language)});
}

// The native title, and the first other title that differs from it.
function chooseTitles({native, romaji, english, display, name}) {
  const first = native || display || name;
  return [first, [romaji, english, display, name].find((title) => title && title !== first) ?? ""];
}

// An element with a server's message in this language; in English when its code has no text.
function makeReason(selector, message) {
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
