// Cross-links on the map: what a fact connects with the thing under the pointer or in focus lights up, with the words of the fact.

/**
 * @param {HTMLElement} map
 * @param {HTMLElement | null} note where the same is said for a screen reader
 */
export function lights(map, note) {
  /** @type {[string, string, string][]} */
  const cross = JSON.parse(map.dataset.cross ?? "[]");
  /** @type {Map<string, HTMLElement[]>} */
  const places = new Map();
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (map.querySelectorAll("[data-thing]"))) {
    const iri = one.dataset.thing ?? "";
    places.set(iri, [...(places.get(iri) ?? []), one]);
  }
  let lit = "";

  const clear = () => {
    lit = "";
    map.classList.remove("lit");
    for (const one of map.querySelectorAll(".near, .here")) one.classList.remove("near", "here");
    for (const one of map.querySelectorAll(".how")) one.remove();
  };
  /** @param {string} iri */
  const light = (iri) => {
    if (iri === lit) return;
    clear();
    const facts = cross.filter(([a, , b]) => a === iri || b === iri);
    if (!facts.length) return;
    lit = iri;
    map.classList.add("lit");
    for (const one of places.get(iri) ?? []) one.closest("li")?.classList.add("here");
    const name = places.get(iri)?.[0]?.textContent ?? "";
    const said = [];
    for (const [a, words, b] of facts) {
      const other = places.get(a === iri ? b : a) ?? [];
      said.push(a === iri ? `${name} ${words} ${other[0]?.textContent}` : `${other[0]?.textContent} ${words} ${name}`);
      for (const one of other) {
        const line = one.closest("li");
        if (!line || line.classList.contains("here")) continue;
        line.classList.add("near");
        if (line.querySelector(".how")) continue;
        const how = document.createElement("span");
        how.className = "how";
        how.textContent = a === iri ? `← ${words}` : `${words} →`;
        how.setAttribute("aria-hidden", "true");
        one.append(how);
      }
    }
    if (note) note.textContent = said.slice(0, 4).join("; ");
  };
  /** @param {Event} event */
  const on = (event) => {
    const thing = event.target instanceof HTMLElement ? event.target.closest("[data-thing]") : null;
    if (thing instanceof HTMLElement) light(thing.dataset.thing ?? "");
    else if (event.type === "pointerover" && !map.querySelector("[data-thing]:focus-visible")) clear();
  };
  map.addEventListener("pointerover", on);
  map.addEventListener("focusin", on);
  map.addEventListener("pointerleave", clear);
  map.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node) || !map.contains(event.relatedTarget)) clear();
  });
}

/** In a still drawing, the arrows of the box under the pointer or in focus stand out. @param {Element} drawing */
export function arrows(drawing) {
  const all = Array.from(drawing.querySelectorAll("[data-from]"));
  /** @param {Event} event */
  const on = (event) => {
    const box = event.target instanceof Element ? event.target.closest("[data-node]") : null;
    const node = box?.getAttribute("data-node");
    for (const one of all) {
      const near = one.getAttribute("data-from") === node || one.getAttribute("data-to") === node;
      one.classList.toggle("svg-lit", Boolean(node) && near);
      one.classList.toggle("svg-dim", Boolean(node) && !near);
    }
  };
  drawing.addEventListener("pointerover", on);
  drawing.addEventListener("focusin", on);
  drawing.addEventListener("focusout", on);
}
