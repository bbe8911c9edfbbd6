/** Enrolling from a list, with the way back. It shows before it is confirmed. */

/** @param {object} course of the list; it is changed  @param {(course: object) => void} draw */
export async function enroll_from_row(app, course, draw) {
  if (course.viewer.enrolled) return;
  const set_enrolled = (enrolled) => {
    course.viewer = { ...course.viewer, enrolled };
    draw(course);
  };
  set_enrolled(true);
  try {
    const result = await app.command("enrollment.enroll", { course: course.id });
    if (result.course) Object.assign(course, result.course, { viewer: course.viewer });
    draw(course);
    const undo = () => leave(app, course, set_enrolled);
    app.toast({ text: `You are enrolled in ${course.title}.`, undo });
  } catch (error) {
    if (error.code === "already_enrolled") return;
    if (error.code === "course_full") course.seats_left = 0;
    set_enrolled(false);
    app.toast({ text: `${course.title}: ${error.message}`, danger: true });
  }
}

async function leave(app, course, set_enrolled) {
  try {
    await app.command("enrollment.leave", { course: course.id });
    set_enrolled(false);
  } catch (error) {
    app.toast({ text: error.message, danger: true });
  }
}
