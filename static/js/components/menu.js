/** Menus made of <details>: one open at a time, closed by Escape and by a click elsewhere. */
export default function mount(element) {
  document.addEventListener("click", (event) => {
    if (element.open && !element.contains(event.target)) element.open = false;
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    element.open = false;
    element.querySelector("summary").focus();
  });
}
