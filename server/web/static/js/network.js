// The network view, interactive: Cytoscape.js over the drawing that the service laid out. Without its file the still
// drawing stays; the list beside it holds the same for whoever cannot see a canvas.

/**
 * @typedef {{iri: string, name: string, label: string, kind: string | null, hue: string, x: number, y: number, w: number, h: number}} Node
 * @typedef {{subject: string, object: string, label: string}} Edge
 */

/** @param {string} address @returns {Promise<any>} */
function library(address) {
  const ready = /** @type {any} */ (globalThis).cytoscape;
  if (ready) return Promise.resolve(ready);
  return new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => done(/** @type {any} */ (globalThis).cytoscape);
    script.onerror = () => fail(new Error("the file of Cytoscape.js is not here"));
    document.head.append(script);
  });
}

/**
 * @param {HTMLElement} canvas holds the still drawing
 * @param {string} file the address of Cytoscape.js
 * @param {(address: string) => void} open
 * @returns {Promise<() => void>} what takes the view down
 */
export async function network(canvas, file, open) {
  const nothing = () => {};
  const reply = await fetch(canvas.dataset.source ?? "").catch(() => null);
  if (!reply?.ok) return nothing;
  /** @type {{nodes: Node[], edges: Edge[]}} */
  const data = await reply.json();
  if (!data.nodes.length) return nothing;
  const cytoscape = await library(file).catch(() => null);
  if (!cytoscape || !canvas.isConnected) return nothing;

  const still = canvas.querySelector("svg");
  still?.remove();
  canvas.classList.add("live");
  canvas.removeAttribute("tabindex");
  const cy = cytoscape({
    container: canvas,
    elements: elements(data),
    layout: { name: "preset" },
    style: sheet(),
    minZoom: 0.1,
    maxZoom: 3,
    autounselectify: true,
  });
  const high = cy.elements().boundingBox().h * Math.min(1, canvas.clientWidth / cy.elements().boundingBox().w) + 60;
  canvas.style.height = `${Math.round(Math.max(180, Math.min(high, innerHeight * 0.78)))}px`;
  cy.resize();
  fit(cy);
  const repaint = () => cy.style(sheet());
  document.addEventListener("backstory:theme", repaint);
  const links = light(cy);
  const bar = zoom(cy);
  const chosen = document.createElement("span");
  chosen.className = "row";
  bar.append(chosen);
  cy.on("tap", "node", (/** @type {any} */ event) => offer(cy, event.target, chosen, open));
  cy.on("dbltap", "node", (/** @type {any} */ event) => open(focusOn(event.target)));
  canvas.closest(".netgrid")?.previousElementSibling?.append(bar);
  return () => {
    document.removeEventListener("backstory:theme", repaint);
    links();
    bar.remove();
    cy.destroy();
  };
}

/** @param {any} node @returns {string} */
const focusOn = (node) => `/explore?focus=${encodeURIComponent(node.data("name"))}`;

/**
 * What can be done with the node that was tapped.
 * @param {any} cy @param {any} node @param {HTMLElement} at @param {(address: string) => void} open
 */
function offer(cy, node, at, open) {
  const name = document.createElement("strong");
  name.textContent = node.data("text").split("\n")[0];
  at.replaceChildren(name);
  for (const [words, act] of /** @type {[string, () => void][]} */ ([
    ["Go to it", () => open(focusOn(node))],
    ["Show what it touches", () => void expand(cy, node)],
  ])) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", act);
    at.append(button);
  }
}

/** Fit the drawing, but never so small that its words cannot be read. @param {any} cy */
function fit(cy) {
  cy.fit(undefined, 20);
  if (cy.zoom() < 0.55) {
    const { x1, y1, y2 } = cy.elements().boundingBox();
    cy.zoom(0.8); // begin at the left, in the middle of the height
    cy.pan({ x: 16 - x1 * 0.8, y: cy.height() / 2 - ((y1 + y2) / 2) * 0.8 });
  } else if (cy.zoom() > 1.25) {
    cy.zoom(1.25);
    cy.center();
  }
}

/** @param {{nodes: Node[], edges: Edge[], ends?: string[]}} data */
function elements(data) {
  /** @type {Map<string, Edge & {words: string[]}>} */
  const together = new Map();
  for (const edge of data.edges) {
    const key = `${edge.subject} ${edge.object}`;
    const one = together.get(key) ?? { ...edge, words: [] };
    one.words.push(edge.label);
    together.set(key, one);
  }
  const many = together.size > 24;
  return [
    ...data.nodes.map((node) => ({
      data: { id: node.iri, name: node.name, hue: node.hue, w: node.w, h: node.h, text: `${node.label}\n${node.kind ?? ""}` },
      position: { x: node.x, y: node.y },
      classes: data.ends?.includes(node.iri) ? "chosen" : "",
    })),
    ...Array.from(together, ([key, edge]) => ({
      data: { id: key, source: edge.subject, target: edge.object, said: edge.words.join(", "), words: many ? "" : edge.words.join(", ") },
    })),
  ];
}

/** The style sheet of the canvas, in the colours that the page has now. */
function sheet() {
  const page = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => page.getPropertyValue(`--${name}`).trim();
  const hues = ["blue", "sky", "green", "teal", "orange", "yellow", "vermilion", "purple", "grey"];
  const font = getComputedStyle(document.body).fontFamily;
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle", width: "data(w)", height: "data(h)", label: "data(text)", color: colour("ink"),
        "font-family": font, "font-size": 13, "text-wrap": "wrap", "text-max-width": "170px", "text-valign": "center",
        "background-color": colour("grey-tint"), "border-color": colour("grey"), "border-width": 1,
      },
    },
    ...hues.map((hue) => ({
      selector: `node[hue="${hue}"]`,
      style: { "background-color": colour(`${hue}-tint`), "border-color": colour(hue) },
    })),
    {
      selector: "edge",
      style: {
        width: 1.5, "line-color": colour("edge"), "target-arrow-color": colour("edge"), "target-arrow-shape": "triangle",
        "curve-style": "bezier", label: "data(words)", color: colour("ink"), "font-family": font, "font-size": 11,
        "text-wrap": "wrap", "text-max-width": "130px", "text-background-color": colour("card"), "text-background-opacity": 0.9, "text-background-padding": "2px",
      },
    },
    { selector: ".chosen", style: { "border-width": 3 } },
    { selector: ".far", style: { opacity: 0.2 } },
    { selector: "edge.near", style: { label: "data(said)", "line-color": colour("accent"), "target-arrow-color": colour("accent"), "z-index": 9 } },
  ];
}

/** Light what touches the node under the pointer, in the drawing and in the list. @param {any} cy @returns {() => void} */
function light(cy) {
  const lines = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll(".netlist [data-from]")));
  const clear = () => {
    cy.elements().removeClass("far near");
    for (const line of lines) line.classList.remove("lit");
  };
  /** @param {any} node */
  const show = (node) => {
    clear();
    cy.elements().difference(node.closedNeighborhood()).addClass("far");
    node.connectedEdges().addClass("near");
    for (const line of lines) line.classList.toggle("lit", line.dataset.from === node.id() || line.dataset.to === node.id());
  };
  cy.on("mouseover", "node", (/** @type {any} */ event) => show(event.target));
  cy.on("mouseout", "node", clear);
  /** @param {Event} event */
  const fromList = (event) => {
    const line = event.target instanceof HTMLElement ? event.target.closest("[data-from]") : null;
    if (!(line instanceof HTMLElement)) return;
    clear();
    const both = cy.getElementById(line.dataset.from ?? "").union(cy.getElementById(line.dataset.to ?? ""));
    cy.elements().difference(both.union(both.edgesWith(both))).addClass("far");
    both.edgesWith(both).addClass("near");
  };
  const list = document.querySelector(".netlist");
  list?.addEventListener("pointerover", fromList);
  list?.addEventListener("focusin", fromList);
  list?.addEventListener("pointerleave", clear);
  return () => list?.removeEventListener("pointerover", fromList);
}

/** Add what a node touches, set in a column to its right. @param {any} cy @param {any} node */
async function expand(cy, node) {
  const reply = await fetch(`/neighbours?view=network&focus=${encodeURIComponent(node.data("name"))}`).catch(() => null);
  if (!reply?.ok) return;
  /** @type {{nodes: Node[], edges: Edge[]}} */
  const data = await reply.json();
  const fresh = data.nodes.filter((one) => cy.getElementById(one.iri).empty());
  const at = node.position();
  const right = Math.max(...cy.nodes().map((/** @type {any} */ one) => one.position("x") + one.width() / 2));
  const total = fresh.reduce((sum, one) => sum + one.h + 14, 0);
  let y = at.y - total / 2;
  for (const one of fresh) {
    one.x = right + 240;
    one.y = y + one.h / 2;
    y += one.h + 14;
  }
  cy.add(elements({ nodes: fresh, edges: data.edges.filter((edge) => cy.getElementById(`${edge.subject} ${edge.object}`).empty()) }));
  fit(cy);
}

/** @param {any} cy @returns {HTMLElement} */
function zoom(cy) {
  const bar = document.createElement("div");
  bar.className = "zoom no-print";
  for (const [sign, name, act] of /** @type {[string, string, () => void][]} */ ([
    ["+", "Closer", () => cy.zoom({ level: cy.zoom() * 1.3, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } })],
    ["−", "Farther", () => cy.zoom({ level: cy.zoom() / 1.3, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } })],
    ["All", "Show all", () => cy.fit(undefined, 20)],
  ])) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    bar.append(button);
  }
  return bar;
}
