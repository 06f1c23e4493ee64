// A text field that offers completions: the combobox pattern of ARIA 1.2 with a list box.

/**
 * @typedef {{value: string, label: string, note?: string}} Option
 */

/**
 * @param {unknown} found
 * @returns {Option[]}
 */
function options(found) {
  if (!Array.isArray(found)) return [];
  return found.map((one) =>
    typeof one === "string" ? { value: one, label: one } : { value: one.name, label: one.label, note: one.kind }
  );
}

/**
 * @param {HTMLElement} field the element that holds the input, the list and the status
 * @param {(option: Option, input: HTMLInputElement) => void} choose what happens when an option is chosen
 */
export function combobox(field, choose) {
  const input = field.querySelector("input");
  const list = /** @type {HTMLElement | null} */ (field.querySelector('[role="listbox"]'));
  const status = field.querySelector("[data-status]");
  const source = field.dataset.combobox;
  if (!input || !list || !source) return;
  /** @type {Option[]} */
  let shown = [];
  let active = -1;
  let asked = 0;
  let timer = 0;
  let stale = false; // what is shown is for fewer words than are typed

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  const say = (/** @type {string} */ words) => {
    if (status) status.textContent = words;
  };
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (/** @type {number} */ place) => {
    active = place;
    Array.from(list.children).forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
    const item = list.children[place];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const take = (/** @type {number} */ place) => {
    const option = shown[place];
    close();
    if (option) choose(option, input);
  };
  const show = (/** @type {Option[]} */ found) => {
    shown = found;
    list.replaceChildren(
      ...found.map((option, index) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${index}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        const label = document.createElement("span");
        label.textContent = option.label;
        item.append(label);
        if (option.note) {
          const note = document.createElement("span");
          note.className = "quiet small";
          note.textContent = option.note;
          item.append(note);
        }
        item.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
        item.addEventListener("click", () => take(index));
        return item;
      })
    );
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    say(found.length ? `${found.length} suggestions` : "No suggestions");
  };
  const look = async () => {
    const words = input.value.trim();
    const turn = ++asked;
    if (words.length < 2) {
      stale = false;
      return close();
    }
    try {
      const address = new URL(source, location.origin);
      address.searchParams.set("q", words);
      const reply = await fetch(address, { headers: { Accept: "application/json" } });
      const found = reply.ok ? options(await reply.json()) : [];
      if (turn !== asked || document.activeElement !== input) return;
      stale = false;
      show(found);
    } catch {
      if (turn === asked) {
        close();
        say("Suggestions cannot be had just now; the field works without them.");
      }
    }
  };

  input.addEventListener("input", () => {
    stale = true;
    clearTimeout(timer);
    timer = setTimeout(look, 90);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open || stale) {
        clearTimeout(timer);
        return void look().then(() => list.hidden || mark(event.key === "ArrowDown" ? 0 : shown.length - 1));
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = shown.length + 1; // one place is the field itself
      mark(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && open && active >= 0 && !stale) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Escape") {
      if (open) {
        event.preventDefault();
        asked++;
        close();
      }
    }
  });
}

/** Let the key that a field names (`/`) put the cursor into it, unless somebody is typing. */
export function shortcuts() {
  document.addEventListener("keydown", (event) => {
    const at = /** @type {HTMLElement | null} */ (event.target instanceof HTMLElement ? event.target : null);
    if (event.ctrlKey || event.metaKey || event.altKey || at?.isContentEditable) return;
    if (at && /^(input|textarea|select)$/i.test(at.tagName)) return;
    const input = /** @type {HTMLInputElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}
