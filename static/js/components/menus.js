/** The menus of a page, those in its rows too: one is open at a time, and closed by Escape wherever
 *  the focus is, by a click elsewhere, by the focus that goes elsewhere, and by its own acts. */
import { find, find_all } from "app/helpers/dom.js";

export function mount_menus() {
  const left = ({ target }) => {
    for (const menu of open_menus()) if (!menu.contains(target)) menu.open = false;
  };
  document.addEventListener("pointerdown", left);
  document.addEventListener("focusin", left);
  document.addEventListener("click", ({ target }) => {
    const menu = target.closest?.(".menu-list")?.closest("details.menu");
    if (menu) close(menu);
  });
  // Before others see the key: what is open on top of them closes first.
  document.addEventListener("keydown", (event) => event.key === "Escape" && escape(event), true);
}

const open_menus = () => find_all(document, "details.menu[open]");

function escape(event) {
  const menus = open_menus();
  if (!menus.length) return;
  event.preventDefault();
  event.stopPropagation();
  for (const menu of menus) close(menu);
}

/** The focus goes back to what opened it, unless it has gone elsewhere. */
function close(menu) {
  const { activeElement } = document;
  const at_hand = menu.contains(activeElement) || activeElement === document.body;
  menu.open = false;
  if (at_hand) find(menu, "summary").focus();
}
