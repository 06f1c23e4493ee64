// A ready-made script is fetched and run once the page is there: a megabyte of it must not hold up the first click.

/**
 * @param {string} address
 * @returns {Promise<boolean>} whether it ran
 */
export function ready(address) {
  return new Promise((done) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => done(true));
    script.addEventListener("error", () => done(false));
    document.head.append(script);
  });
}
