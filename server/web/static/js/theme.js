// Light, dark or as the system has it: chosen by the button, kept on this machine, set before the first paint.
(() => {
  const names = ["automatic", "light", "dark"];
  const read = () => {
    try {
      const kept = localStorage.getItem("backstory-theme");
      return kept && names.includes(kept) ? kept : names[0];
    } catch {
      return names[0]; // storage may be switched off
    }
  };
  /** @param {string} name */
  const apply = (name) => {
    if (name === names[0]) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    const label = document.querySelector("[data-theme-name]");
    if (label) label.textContent = name;
  };
  apply(read());
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    button.hidden = false;
    apply(read());
    button.addEventListener("click", () => {
      const name = names[(names.indexOf(read()) + 1) % names.length];
      try {
        localStorage.setItem("backstory-theme", name);
      } catch {
        // without storage the choice holds for this page
      }
      apply(name);
      document.dispatchEvent(new Event("backstory:theme"));
    });
  });
})();
