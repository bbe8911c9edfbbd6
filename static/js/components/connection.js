/** The connection line of the bar. */

export default function mount(element, app) {
  const text = element.querySelector("[data-line]");
  const draw = (line) => {
    element.dataset.state = line.state === "stopped" ? "offline" : line.state;
    text.textContent = line.text;
    element.title = line.text; // on a phone the dot stands alone
  };
  app.session.status.on("line", draw);
  draw(app.session.status.line);
  element.addEventListener("click", () => app.session.socket.resume());
}
