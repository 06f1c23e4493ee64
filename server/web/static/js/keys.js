// Arrow keys on the map: up and down within a column of things, left and right to the nearest thing beside.

/** @param {HTMLElement} root */
export function keys(root) {
  root.addEventListener("keydown", (event) => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches("[data-thing]")) return;
    const ways = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };
    const way = ways[/** @type {keyof typeof ways} */ (event.key)];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = nearest(root, event.target, way[0], way[1]);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/**
 * The nearest thing in a direction; being off the line counts three times.
 * @param {HTMLElement} root
 * @param {HTMLElement} from
 * @param {number} dx
 * @param {number} dy
 * @returns {HTMLElement | null}
 */
function nearest(root, from, dx, dy) {
  const here = from.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("a[data-thing]"))) {
    const there = one.getBoundingClientRect();
    const along = dx ? (there.left - here.left) * dx : (there.top - here.top) * dy;
    const across = Math.abs(dx ? there.top - here.top : there.left - here.left);
    if (one === from || along < 4) continue;
    const far = along + 3 * across;
    if (far < least) [best, least] = [one, far];
  }
  return best;
}
