// Takes a picture by click, drop or paste, makes it small here, and asks for the search.
const LONG_SIDE = 1280;
const JPEG_QUALITY = 0.92;
let searches = 0;
let shown = null;

const input = make("input", {type: "file", accept: "image/*", hidden: "", onchange: () => {
  take(input.files[0]);
  input.value = "";
}});
const label = make("span", {}, text("choose"));
const choose = make("button.wa-choose", {type: "button", onclick: () => input.click()},
  icon("picture"), label);
const preview = make("img.wa-preview", {alt: text("yours"), hidden: ""});
const mac = /Mac|iPhone|iPad/.test(navigator.platform);
const hint = make("div.wa-hint", {},
  icon("picture"),
  make("strong", {}, text("drop")),
  make("span.wa-paste", {}, text(mac ? "pasteMac" : "paste")));
const zone = make("div.wa-zone", {onclick: (event) => {
  if (event.target !== choose && !choose.contains(event.target)) input.click();
}}, hint, preview);
root.append(zone, choose, input);

document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith("image/"));
  if (file) {
    event.preventDefault();
    take(file);
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

async function take(file) {
  if (!file) return;
  const id = ++searches;
  let small;
  try {
    small = await shrink(file);
  } catch {
    tell("error", {code: "errorFile", id});
    return;
  }
  show(small);
  tell("searching", {id});
  try {
    const {path} = await upload(new File([small], "screenshot.jpg", {type: "image/jpeg"}));
    trigger("search", {path, id});
  } catch {
    tell("error", {code: "errorServer", id});
  }
}

async function shrink(file) {
  const bitmap = await createImageBitmap(file, {imageOrientation: "from-image"});
  const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
  if (!blob) throw new Error("the canvas gave no picture");
  return blob;
}

function show(blob) {
  if (shown) URL.revokeObjectURL(shown);
  shown = URL.createObjectURL(blob);
  preview.src = shown;
  preview.hidden = false;
  hint.hidden = true;
  root.classList.add("wa-chosen");
  label.textContent = text("another");
}
