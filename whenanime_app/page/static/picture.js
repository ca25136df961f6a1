// Reads pictures for cropping and mirroring, and encodes the part that is uploaded.
const MAX_SIDE = 2560;
const SENT_SIDE = 1280;
const JPEG_QUALITY = 0.92;

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
