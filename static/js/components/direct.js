/** Opens the conversation with a person, or with a course's teachers; it is made when it is new. */
export async function open_direct(app, whom, button) {
  button.disabled = true;
  try {
    const { room } = await app.command("chat.direct", whom);
    location.assign(room.url);
  } catch (error) {
    button.disabled = false;
    app.toast({ text: error.message, danger: true });
  }
}
