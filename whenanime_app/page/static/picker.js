// The picker: accepts a picture by click, drop, paste or URL, and starts the search.
let searches = 0;
let picture = null;
let flipped = false;

const input = make("input", {type: "file", accept: "image/*,video/*", hidden: "", onchange: () => {
  takeFile(input.files[0]);
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
const preview = make("canvas.wa-preview", {role: "img", "aria-label": text("yours")});
const frame = make("div.wa-frame", {hidden: ""}, preview);
const zone = make("div.wa-zone", {onclick: (event) => {
  if (!picture && !choose.contains(event.target)) input.click();
}}, hint, frame);

const cropping = makeCropper(frame, {changed: drawTools, search: searchPicture});
const crop = tool("crop", () => (cropping.part ? cropping.end() : cropping.begin()));
const flip = tool("flip", () => {
  flipped = !flipped;
  cropping.flip();
  drawPicture();
  drawTools(cropping.part);
  if (!cropping.part) searchPicture();
});
const part = make("button.wa-choose.wa-part-search", {
  type: "button", hidden: "", onclick: searchPicture,
}, icon("search"), make("span", {}, text("searchPart")));
const help = make("p.wa-crop-help", {hidden: ""}, text("cropHelp"));
const tools = make("div.wa-tools", {hidden: ""}, crop, flip);
const filterFields = makeFilters(() => picture && searchPicture());
const addressInput = make("input", {
  type: "url", name: "url", placeholder: "https://…", "aria-label": text("addressLabel"),
  autocomplete: "off", spellcheck: "false",
});
const form = make("form.wa-address", {novalidate: "", onsubmit: (event) => {
  event.preventDefault();
  if (addressInput.value.trim()) searchAddress(addressInput.value.trim());
  else addressInput.focus();
}}, addressInput,
make("button", {type: "submit", "aria-label": text("addressSearch")}, icon("search")));
root.append(zone, part, help, tools, choose, form, filterFields.node, input);

document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith("image/"));
  if (file) {
    event.preventDefault();
    takeFile(file);
    return;
  }
  // A URL pasted outside every field is searched.
  const words = event.clipboardData?.getData("text/plain").trim() ?? "";
  if (/^https?:\/\/\S+$/i.test(words) && !event.target.closest?.("input, textarea, select")) {
    event.preventDefault();
    addressInput.value = words;
    searchAddress(words);
  }
});
// The whole page accepts a drop.
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
  if (event.dataTransfer?.files.length) takeFile(event.dataTransfer.files[0]);
});
// A still of the library is searched like a chosen file.
document.addEventListener("whenanime:take", ({detail}) => takeFile(detail.blob));
// A picture that the server fetched and searched: shown, and ready to be cropped.
document.addEventListener("whenanime:picture", async ({detail}) => {
  const bytes = Uint8Array.from(atob(detail.picture), (one) => one.charCodeAt(0));
  setPicture(await readPicture(new Blob([bytes], {type: "image/jpeg"})));
  turnUpright(detail.rotated);
});
// The picture is shown as the scene is that it was found in.
document.addEventListener("whenanime:turned", ({detail}) => turnUpright(detail.rotated));

function turnUpright(degrees) {
  if (!degrees || !picture) return;
  const mirrored = flipped;
  setPicture(turnBack(picture, mirrored ? 360 - degrees : degrees));
  if (mirrored) {
    flipped = true;
    drawPicture();
    drawTools(null);
  }
}

async function takeFile(file) {
  if (!file) return;
  if (view() !== "search") navigate({});
  const id = ++searches;
  try {
    if (await isShownByServer(file)) {
      if (id === searches) await searchFile(file, id);
      return;
    }
    const canvas = await readPicture(file);
    if (id !== searches) return;
    setPicture(canvas);
  } catch {
    emit("error", {code: "errorFile", id});
    return;
  }
  searchPicture();
}

function setPicture(canvas) {
  picture = canvas;
  flipped = false;
  cropping.end();
  drawPicture();
  frame.hidden = tools.hidden = false;
  hint.hidden = true;
  root.classList.add("wa-chosen");
  label.textContent = text("another");
}

// The response has a picture of the file.
async function searchFile(file, id) {
  emit("searching", {id});
  try {
    const {path} = await upload(file);
    trigger("search", {path, shown: true, id, ...filterFields.values()});
  } catch {
    emit("failed", {id});
  }
}

async function searchPicture() {
  const id = ++searches;
  emit("searching", {id});
  try {
    const file = await encodePart(picture, cropping.part ?? WHOLE_PICTURE, flipped);
    const {path} = await upload(file);
    trigger("search", {path, id, ...filterFields.values()});
  } catch {
    emit("failed", {id});
  }
}

function searchAddress(url) {
  if (view() !== "search") navigate({});
  const id = ++searches;
  emit("searching", {id});
  trigger("search", {url, id, ...filterFields.values()});
}

function drawPicture() {
  const {width, height} = picture;
  const image = drawPart(picture, [0, 0, width, height], SENT_SIDE, flipped);
  preview.width = image.width;
  preview.height = image.height;
  preview.getContext("2d").drawImage(image, 0, 0);
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
