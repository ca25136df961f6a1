// Takes a picture by click, drop, paste or address, and asks for the search.
let searches = 0;
let picture = null;
let flipped = false;

const input = make("input", {type: "file", accept: "image/*", hidden: "", onchange: () => {
  take(input.files[0]);
  input.value = "";
}});
const label = make("span", {}, text("choose"));
const choose = make("button.wa-choose", {type: "button", onclick: () => input.click()},
  icon("picture"), label);
const mac = /Mac|iPhone|iPad/.test(navigator.platform);
const hint = make("div.wa-hint", {},
  icon("picture"),
  make("strong", {}, text("drop")),
  make("span.wa-paste", {}, text(mac ? "pasteMac" : "paste")));
const seen = make("canvas.wa-preview", {role: "img", "aria-label": text("yours")});
const frame = make("div.wa-frame", {hidden: ""}, seen);
const zone = make("div.wa-zone", {onclick: (event) => {
  if (!picture && !choose.contains(event.target)) input.click();
}}, hint, frame);

const cropping = cropper(frame, {changed: drawTools, search: ask});
const crop = tool("crop", () => (cropping.part ? cropping.end() : cropping.begin()));
const flip = tool("flip", () => {
  flipped = !flipped;
  cropping.flip();
  drawPicture();
  drawTools(cropping.part);
  if (!cropping.part) ask();
});
const part = make("button.wa-choose.wa-part-search", {type: "button", hidden: "", onclick: ask},
  icon("search"), make("span", {}, text("searchPart")));
const help = make("p.wa-crop-help", {hidden: ""}, text("cropHelp"));
const tools = make("div.wa-tools", {hidden: ""}, crop, flip);
const chosen = filters(() => picture && ask());
const where = make("input", {
  type: "url", name: "url", placeholder: "https://…", "aria-label": text("addressLabel"),
  autocomplete: "off", spellcheck: "false",
});
const form = make("form.wa-address", {novalidate: "", onsubmit: (event) => {
  event.preventDefault();
  if (where.value.trim()) askAddress(where.value.trim());
  else where.focus();
}}, where, make("button", {type: "submit", "aria-label": text("addressSearch")}, icon("search")));
root.append(zone, part, help, tools, choose, form, chosen.node, input);

document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith("image/"));
  if (file) {
    event.preventDefault();
    take(file);
    return;
  }
  // An address that is pasted anywhere but into a field is meant for here.
  const words = event.clipboardData?.getData("text/plain").trim() ?? "";
  if (/^https?:\/\/\S+$/i.test(words) && !event.target.closest?.("input, textarea, select")) {
    event.preventDefault();
    where.value = words;
    askAddress(words);
  }
});
// The whole page takes a drop: nobody aims.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("wa-over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zone.classList.remove("wa-over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("wa-over");
  if (event.dataTransfer?.files.length) take(event.dataTransfer.files[0]);
});
// A still of the library, or of the browser's view, as if it had been chosen.
document.addEventListener("whenanime:take", ({detail}) => take(detail.blob));
// What the server fetched from an address: shown and cropped like any other, already searched.
document.addEventListener("whenanime:picture", async ({detail}) => {
  const bytes = Uint8Array.from(atob(detail.picture), (one) => one.charCodeAt(0));
  keep(await pictureOf(new Blob([bytes], {type: "image/jpeg"})));
});

async function take(file) {
  if (!file) return;
  if (view() !== "search") go({});
  const id = ++searches;
  try {
    const opened = await pictureOf(file);
    if (id !== searches) return;
    keep(opened);
  } catch {
    tell("error", {code: "errorFile", id});
    return;
  }
  ask();
}

function keep(opened) {
  picture = opened;
  flipped = false;
  cropping.end();
  drawPicture();
  frame.hidden = tools.hidden = false;
  hint.hidden = true;
  root.classList.add("wa-chosen");
  label.textContent = text("another");
}

async function ask() {
  const id = ++searches;
  tell("searching", {id});
  try {
    const file = await fileOf(picture, cropping.part ?? WHOLE, flipped);
    const {path} = await upload(file);
    trigger("search", {path, id, ...chosen.values()});
  } catch {
    tell("failed", {id});
  }
}

function askAddress(url) {
  if (view() !== "search") go({});
  const id = ++searches;
  tell("searching", {id});
  trigger("search", {url, id, ...chosen.values()});
}

function drawPicture() {
  const {width, height} = picture;
  const image = drawn(picture, [0, 0, width, height], LONG_SIDE, flipped);
  seen.width = image.width;
  seen.height = image.height;
  seen.getContext("2d").drawImage(image, 0, 0);
  frame.style.setProperty("--wa-ratio", width / height);
}

function drawTools(box) {
  root.classList.toggle("wa-cropping", Boolean(box));
  part.hidden = help.hidden = !box;
  crop.setAttribute("aria-pressed", String(Boolean(box)));
  flip.setAttribute("aria-pressed", String(flipped));
}

function tool(name, act) {
  return make("button.wa-tool", {
    type: "button", "aria-pressed": "false", title: text(`${name}Title`), onclick: act,
  }, icon(name), make("span", {}, text(name)));
}
