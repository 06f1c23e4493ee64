// The page that asks: whole questions as suggestions, and a citation that is followed gets the focus.
import { combobox, shortcuts } from "./combobox.js";

for (const field of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-combobox]"))) {
  combobox(field, (option, input) => {
    input.value = option.value;
    input.form?.requestSubmit();
  });
}
shortcuts();

addEventListener("hashchange", () => {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  target?.focus({ preventScroll: true });
});
