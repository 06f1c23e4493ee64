// The PNG export: the SVG drawing of the same state, painted on a canvas and saved.

/**
 * @param {string} source the address of the drawing
 * @param {string} name what the file is called
 */
export async function picture(source, name) {
  const reply = await fetch(source);
  if (!reply.ok) throw new Error(`no drawing: ${reply.status}`);
  const address = URL.createObjectURL(new Blob([await reply.text()], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.min(2, 8000 / Math.max(image.naturalWidth, image.naturalHeight, 1));
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(image.naturalWidth * scale);
    canvas.height = Math.ceil(image.naturalHeight * scale);
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("this browser has no canvas");
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (!(blob instanceof Blob)) throw new Error("the picture is too large");
    save(blob, `${name.split(" –")[0].replace(/[^A-Za-z0-9-]+/g, "-")}.png`);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
