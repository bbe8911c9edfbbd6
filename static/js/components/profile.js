/** A profile: the button that opens a conversation. */
import { open_direct } from "app/components/direct.js";

export default function mount(element, app) {
  const button = element.querySelector("[data-act=message]");
  button?.addEventListener("click", () => open_direct(app, { user: button.dataset.user }, button));
}
