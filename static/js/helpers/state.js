/** The page's state as the server wrote it: what is shown, and the positions it was read at. */
export function page_state() {
  const element = document.getElementById("state");
  try {
    return JSON.parse(element?.textContent || "{}");
  } catch {
    return {};
  }
}
