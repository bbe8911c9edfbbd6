/** The choice of the theme, kept in this browser. */
export default function mount(element) {
  const root = document.documentElement;
  const chosen = element.querySelector(`[name=theme][value="${root.dataset.theme || "system"}"]`);
  if (chosen) chosen.checked = true;
  element.addEventListener("change", ({ target }) => {
    if (target.name !== "theme") return;
    root.dataset.theme = target.value;
    try {
      localStorage.setItem("theme", target.value);
    } catch {
      // Then the choice lasts as long as the page.
    }
  });
}
