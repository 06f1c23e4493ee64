// The query page: YASGUI where its file is at hand, set to this endpoint and to nobody else; else the plain form stays.

import { ready } from "./ready.js";

const BASE = "https://w3id.org/backstory/";
const plain = /** @type {HTMLFormElement | null} */ (document.getElementById("plain"));
const text = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("query"));
const place = document.getElementById("yasgui");

/** @param {string} sparql @returns {Promise<string[]>} the IRIs of `?iri` */
async function list(sparql) {
  const address = new URL("/sparql", location.origin);
  address.searchParams.set("query", sparql);
  const reply = await fetch(address, { headers: { Accept: "application/sparql-results+json" } });
  if (!reply.ok) return [];
  const found = await reply.json();
  return found.results.bindings.map((/** @type {any} */ row) => row.iri.value);
}

/** Completions from this endpoint only. @param {any} Yasqe @param {Record<string, string>} prefixes */
function complete(Yasqe, prefixes) {
  const own = Yasqe.Autocompleters;
  const kinds = "SELECT DISTINCT ?iri WHERE { GRAPH ?g { ?iri a <http://www.w3.org/2002/07/owl#Class> } } ORDER BY ?iri LIMIT 1000";
  const relations = "SELECT DISTINCT ?iri WHERE { GRAPH ?g { [] ?iri [] } } ORDER BY ?iri LIMIT 1000";
  const given = { prefixes: () => Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort() };
  for (const [name, get] of Object.entries({ ...given, class: () => list(kinds), property: () => list(relations) }))
    if (own[name]) Object.assign(own[name], { get, bulk: true, persistenceId: null });
}

/** @param {HTMLElement} at @param {string} query */
function editor(at, query) {
  const Yasgui = /** @type {any} */ (globalThis).Yasgui;
  const { Yasqe } = Yasgui;
  const prefixes = JSON.parse(at.dataset.prefixes ?? "{}");
  complete(Yasqe, prefixes);
  Object.assign(Yasqe.defaults, { value: query, prefixCcApi: null, createShareableLink: null, collapsePrefixesOnLoad: true });
  at.hidden = false;
  const gui = new Yasgui(at, {
    requestConfig: { endpoint: `${location.origin}/sparql`, method: "POST" },
    copyEndpointOnNewTab: true,
    endpointCatalogueOptions: { getData: () => [] },
    persistenceId: "backstory",
    yasr: { prefixes },
  });
  const wanted = new URLSearchParams(location.search).has("edit") || location.hash.startsWith("#query=");
  if (wanted) put(gui, "query", query);
  const mend = () => {
    label(at);
    for (const tab of Object.values(gui._tabs)) release(tab);
  };
  mend();
  new MutationObserver(mend).observe(at, { childList: true, subtree: true });
  gui.on("queryResponse", (/** @type {unknown} */ _, /** @type {any} */ tab) => void explain(tab));
  return gui;
}

/** Show a query in a tab of its own, or in the one of that name. @param {any} gui @param {string} tab @param {string} query */
function put(gui, tab, query) {
  const found = Object.values(gui._tabs).find((/** @type {any} */ one) => one.getName() === tab);
  if (found) gui.selectTabId(/** @type {any} */ (found).getId());
  const one = found ?? gui.addTab(true, { ...gui.constructor.Tab.getDefaults(gui), name: tab });
  one.getYasqe().setValue(query);
  one.getYasqe().focus();
}

/** Let Tab leave a tab's editor, in both directions. @param {any} tab */
function release(tab) {
  const yasqe = tab.getYasqe?.();
  const keys = yasqe?.getOption("extraKeys");
  if (!keys || keys.Tab === false) return;
  yasqe.setOption("extraKeys", { ...keys, Tab: false, "Shift-Tab": false });
}

/** Names for controls that YASGUI leaves without, and the text area of its editor. @param {HTMLElement} at */
function label(at) {
  for (const [selector, words] of Object.entries({
    ".CodeMirror textarea": "SPARQL query",
    ".CodeMirror-code": "SPARQL query",
    "input.tableFilter": "Filter the rows",
  }))
    for (const one of at.querySelectorAll(selector)) if (!one.hasAttribute("aria-label")) one.setAttribute("aria-label", words);
}

/** Where the service refused a query, mark the line that it names. @param {any} tab */
async function explain(tab) {
  const yasqe = tab.getYasqe();
  yasqe.getDoc().eachLine((/** @type {any} */ line) => yasqe.removeLineClass(line, "background", "refused"));
  const answer = tab.getYasr().results?.getOriginalResponseAsString?.() ?? "";
  const error = tab.getYasr().results?.getError?.();
  /** @type {any} */
  let problem = null;
  try {
    problem = JSON.parse(error?.text || answer);
  } catch {
    return; // no problem document: a result, or an error of the network
  }
  if (!problem || typeof problem.line !== "number") return;
  yasqe.addLineClass(problem.line - 1, "background", "refused");
  yasqe.getDoc().setCursor({ line: problem.line - 1, ch: Math.max((problem.column ?? 1) - 1, 0) });
  yasqe.focus();
}

/** A result's IRI of ours leads to its page here. @param {Event} event */
function here(event) {
  const link = event.target instanceof Element ? event.target.closest(".yasr a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || !link.href.startsWith(BASE)) return;
  const path = link.href.slice(BASE.length - 1);
  const passage = path.match(/^(\/doc\/[^/]+)\/([^/#]+)/);
  link.href = passage ? `${passage[1]}/#${passage[2]}` : path.startsWith("/ns#") ? `/ontology${path.slice(3)}` : path;
}

async function start() {
  if (!plain || !text || !place) return;
  /** @type {any} */
  let gui = null;
  document.getElementById("example-list")?.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const query = link instanceof HTMLAnchorElement ? new URL(link.href).searchParams.get("edit") : null;
    if (!link || query === null) return;
    event.preventDefault();
    if (gui) put(gui, link.dataset.name ?? "example", query);
    else text.value = query;
    if (!gui) text.focus();
  });
  for (const kind of ["pointerover", "focusin", "click"]) document.addEventListener(kind, here, true);
  if (place.dataset.script && (await ready(place.dataset.script))) {
    try {
      const hash = location.hash.startsWith("#query=") ? decodeURIComponent(location.hash.slice(7)) : "";
      gui = editor(place, hash || text.value);
      plain.hidden = true;
      document.getElementById("keys")?.removeAttribute("hidden");
    } catch (error) {
      place.hidden = true; // the plain form does the work
      console.warn("the editor could not be set up", error);
    }
  }
}

if (document.readyState === "complete") void start();
else addEventListener("load", () => void start());
