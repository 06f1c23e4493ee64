// The explorer in place: a link or form that stays in /explore changes the page's content and the address without a new
// page, so Back undoes; arrow keys move between the things; neighbours that a fact connects light up together.
import { combobox, shortcuts } from "./combobox.js";
import { keys } from "./keys.js";
import { arrows, lights } from "./lights.js";

const script = document.getElementById("explore-script");
const status = document.getElementById("explore-status");
/** @type {AbortController | null} */
let running = null;
/** @type {null | (() => void)} */
let leave = null;

const root = () => /** @type {HTMLElement} */ (document.getElementById("explore"));
const say = (/** @type {string} */ words) => {
  if (status) status.textContent = words;
};

/**
 * Show the explorer's state at an address.
 * @param {URL} address
 * @param {{push: boolean, focus?: boolean}} how
 */
async function go(address, how) {
  running?.abort();
  const turn = (running = new AbortController());
  root().setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(address, { headers: { Accept: "text/html" }, signal: turn.signal });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html"); // our own page, in which all labels are escaped
    const fresh = page.getElementById("explore");
    if (!fresh) throw new Error(`the service answered ${reply.status}`);
    leave?.();
    leave = null;
    root().replaceWith(document.adoptNode(fresh));
    document.title = page.title;
    if (how.push) history.pushState(null, "", address);
    enhance();
    arrive(address, how.focus !== false);
  } catch (error) {
    if (turn.signal.aborted) return;
    root().removeAttribute("aria-busy");
    complain(error instanceof Error ? error.message : "");
  }
}

/**
 * Put the focus where the new state begins.
 * @param {URL} address
 * @param {boolean} focus
 */
function arrive(address, focus) {
  const target = document.getElementById(address.hash.slice(1)) ?? document.getElementById("focus") ?? root().querySelector("h1");
  if (!target) return;
  say(target.textContent?.trim() ?? "");
  if (!focus) return;
  if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
  if (address.hash) target.scrollIntoView({ block: "start" });
  else scrollTo({ top: 0 });
}

/** @param {string} detail */
function complain(detail) {
  const note = document.createElement("p");
  note.className = "strip";
  note.setAttribute("role", "alert");
  note.textContent = `That could not be shown: the service did not answer (${detail}). What you see is unchanged; try again.`;
  root().querySelector("[role=alert]")?.remove();
  root().prepend(note);
}

/** @param {Element | null} element @returns {URL | null} */
function within(element) {
  const link = element?.closest("a[href]");
  if (!(link instanceof HTMLAnchorElement) && !(link instanceof SVGAElement)) return null;
  const address = new URL(link.getAttribute("href") ?? "", location.href);
  return address.origin === location.origin && address.pathname === "/explore" ? address : null;
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const address = within(/** @type {Element | null} */ (event.target));
  if (!address) return;
  event.preventDefault();
  void go(address, { push: true });
});

/** @param {HTMLFormElement} form @returns {URL} */
function destination(form) {
  const address = new URL(form.action);
  const fields = new FormData(form);
  for (const name of new Set(fields.keys())) {
    const value = fields.getAll(name).filter(Boolean).join(",");
    if (value) address.searchParams.set(name, value);
  }
  return address;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || new URL(form.action).pathname !== "/explore") return;
  event.preventDefault();
  void go(destination(form), { push: true });
});

document.addEventListener("change", async (event) => {
  const form = event.target instanceof HTMLElement ? event.target.closest("form[data-live]") : null;
  if (!(form instanceof HTMLFormElement) || !(event.target instanceof HTMLInputElement)) return;
  const { name, value } = event.target;
  await go(destination(form), { push: true, focus: false });
  const menu = root().querySelector("form[data-live]")?.closest("details");
  if (menu) menu.open = true;
  /** @type {HTMLElement | null} */ (root().querySelector(`input[name="${name}"][value="${CSS.escape(value)}"]`))?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target instanceof HTMLElement ? event.target.closest("details.menu[open]") : null;
  if (menu instanceof HTMLDetailsElement) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (event.target instanceof Node && !menu.contains(event.target)) /** @type {HTMLDetailsElement} */ (menu).open = false;
});

addEventListener("popstate", () => void go(new URL(location.href), { push: false }));

function enhance() {
  const map = document.getElementById("map");
  if (map) {
    lights(map, document.getElementById("cross-note"));
    keys(root());
  }
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root().querySelectorAll("[data-png]"))) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const paint = import("./picture.js").then(({ picture }) => picture(button.dataset.png ?? "", document.title));
      void paint.catch((error) => complain(error.message));
    });
  }
  for (const drawing of root().querySelectorAll("svg.drawing")) arrows(drawing);
  complete(root());
  const canvas = document.getElementById("network");
  if (canvas) {
    void import("./network.js").then(async ({ network }) => {
      leave = await network(canvas, script?.dataset.cytoscape ?? "", (name) => go(new URL(name, location.origin), { push: true }));
    });
  }
}

/** The fields of the view that name a thing. @param {HTMLElement} view */
function complete(view) {
  for (const field of /** @type {NodeListOf<HTMLElement>} */ (view.querySelectorAll("[data-combobox]")))
    combobox(field, (option, input) => {
      input.value = option.label;
    });
}

for (const field of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".bar [data-combobox]"))) {
  combobox(field, (option, input) => {
    const address = new URL(location.href);
    const view = address.searchParams.get("view");
    const set = address.searchParams.get("set");
    address.search = "";
    address.hash = "";
    address.searchParams.set("focus", option.value);
    if (view && view !== "network") address.searchParams.set("view", view);
    if (set) address.searchParams.set("set", set);
    input.value = "";
    void go(address, { push: true });
  });
}
shortcuts();
enhance();
