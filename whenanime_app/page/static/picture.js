// A picture as it is kept here while it is cropped and turned, and as it is sent: small.
const KEPT_SIDE = 2560;
const LONG_SIDE = 1280;
const JPEG_QUALITY = 0.92;

// Returns a canvas, upright. Throws when the browser cannot read the file.
async function pictureOf(file) {
  const bitmap = await createImageBitmap(file, {imageOrientation: "from-image"});
  const canvas = drawn(bitmap, [0, 0, bitmap.width, bitmap.height], KEPT_SIDE, false);
  bitmap.close();
  return canvas;
}

// Draws a part, `[x, y, width, height]` in pixels, no larger than `side`.
function drawn(source, [x, y, width, height], side, flipped) {
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  // What is transparent shows nothing of a film; black is left out of the search.
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  if (flipped) context.setTransform(-1, 0, 0, 1, canvas.width, 0);
  context.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// The JPEG of a part, given in shares of the picture as it is seen, mirrored or not.
async function fileOf(picture, {left, top, width, height}, flipped) {
  const {width: across, height: down} = picture;
  const x = flipped ? 1 - left - width : left;
  const part = [x * across, top * down, width * across, height * down];
  const canvas = drawn(picture, part, LONG_SIDE, flipped);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
  if (!blob) throw new Error("the canvas gave no picture");
  return new File([blob], "screenshot.jpg", {type: "image/jpeg"});
}
