// Reads pictures for cropping and mirroring, and encodes the part that is uploaded.
const MAX_SIDE = 2560;
const SENT_SIDE = 1280;
const JPEG_QUALITY = 0.92;

// Names of pictures and videos that browsers may not draw.
const READ_BY_SERVER = /\.(hei[cf]s?|jxl|avifs?|mp4|m4v|mov|webm|mkv|avi)$/i;
const HEADER_BYTES = 4096;
// Beginnings of animations: the first picture, which a browser draws, may be black.
const ANIMATED = [/^GIF8/, /^\x89PNG.*acTL/s, /^RIFF.{4}WEBPVP8X.*ANIM/s, /^.{4}ftyp.{0,48}avis/s];

// Whether the server has to choose or decode the picture of a file.
async function isShownByServer(file) {
  if (file.type.startsWith("video/") || READ_BY_SERVER.test(file.name ?? "")) return true;
  const header = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  const start = String.fromCharCode(...header);
  return ANIMATED.some((pattern) => pattern.test(start));
}

// Returns a canvas, upright. Throws when the browser cannot read the file.
async function readPicture(file) {
  const bitmap = await createImageBitmap(file, {imageOrientation: "from-image"});
  const canvas = drawPart(bitmap, [0, 0, bitmap.width, bitmap.height], MAX_SIDE, false);
  bitmap.close();
  return canvas;
}

// Draws a part, `[x, y, width, height]` in pixels, scaled down to `side` on its longer side.
function drawPart(source, [x, y, width, height], side, flipped) {
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  // Transparent areas become black, which the search ignores.
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  if (flipped) context.setTransform(-1, 0, 0, 1, canvas.width, 0);
  context.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// Turns a canvas back that was turned clockwise by 90, 180 or 270 degrees.
function turnBack(source, degrees) {
  const canvas = document.createElement("canvas");
  const sideways = degrees % 180 !== 0;
  canvas.width = sideways ? source.height : source.width;
  canvas.height = sideways ? source.width : source.height;
  const context = canvas.getContext("2d");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(-degrees * Math.PI / 180);
  context.drawImage(source, -source.width / 2, -source.height / 2);
  return canvas;
}

// Encodes a part as JPEG; its box is in shares of the picture as shown, mirrored or not.
async function encodePart(picture, {left, top, width, height}, flipped) {
  const {width: across, height: down} = picture;
  const x = flipped ? 1 - left - width : left;
  const part = [x * across, top * down, width * across, height * down];
  const canvas = drawPart(picture, part, SENT_SIDE, flipped);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
  if (!blob) throw new Error("the canvas gave no picture");
  return new File([blob], "screenshot.jpg", {type: "image/jpeg"});
}
