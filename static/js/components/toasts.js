/** Short messages that leave by themselves; some carry the way back. */
import { row } from "app/helpers/dom.js";

const STAY_MS = 8_000;
const AT_MOST = 3;

export default function mount(element, app) {
  app.on("toast", (toast) => show(element, toast));
}

function show(element, { text, danger = false, undo = null }) {
  const toast = row("toast", { text });
  toast.classList.toggle("is-danger", danger);
  const button = toast.querySelector("[data-act=undo]");
  button.hidden = !undo;
  let clock;
  const leave = () => {
    clearTimeout(clock);
    toast.remove();
  };
  const stay = () => {
    clearTimeout(clock);
    clock = setTimeout(leave, STAY_MS);
  };
  button.addEventListener("click", () => {
    leave();
    undo();
  });
  toast.querySelector("[data-act=close]").addEventListener("click", leave);
  for (const name of ["pointerenter", "focusin"])
    toast.addEventListener(name, () => clearTimeout(clock));
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, stay);
  element.append(toast);
  while (element.childElementCount > AT_MOST) element.firstElementChild.remove();
  stay();
}
