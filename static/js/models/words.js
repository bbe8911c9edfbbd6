/** Whether typed words belong to a text, as far as the page can tell: each begins a word of it,
 *  whatever the accents and capitals. */

/** @param {string} typed  @param {(string|undefined)[]} texts */
export function holds(typed, texts) {
  const there = words(texts);
  return words([typed]).every((word) => there.some((one) => one.startsWith(word)));
}

/** @param {object} course a card or hit */
export function course_holds(typed, { title, code = "", subject, summary, teachers }) {
  const together = code.replace(/[^\p{L}\p{N}]/gu, ""); // "cs101" is CS 101
  const names = teachers.map((teacher) => teacher.name);
  return holds(typed, [title, code, together, subject, summary, ...names]);
}

const words = (texts) =>
  texts
    .join(" ")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];
