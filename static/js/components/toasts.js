/** Short messages that leave by themselves; some carry the way back. */
import { row } from "app/helpers/dom.js";
import { keep_focus } from "app/helpers/focus.js";

const STAY_MS = 8_000;
const AT_MOST = 3;

export default function mount(element, app) {
  app.on("toast", (toast) => show(element, toast));
}

function show(element, { text, danger = false, undo = null, undo_s = Infinity }) {
  const toast = row("toast", { text });
  toast.classList.toggle("is-danger", danger);
  const button = toast.querySelector("[data-act=undo]");
  const close = toast.querySelector("[data-act=close]");
  button.hidden = !undo || !undo_s;
  const expire = () => keep_focus(() => (button.hidden = true), close);
  if (undo_s < Infinity) setTimeout(expire, undo_s * 1_000);
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
  close.addEventListener("click", leave);
  for (const name of ["pointerenter", "focusin"])
    toast.addEventListener(name, () => clearTimeout(clock));
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, stay);
  element.append(toast);
  while (element.childElementCount > AT_MOST) element.firstElementChild.remove();
  stay();
}
