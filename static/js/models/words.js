/** Whether typed words belong to a text, as far as the page can tell: each begins a word of it,
 *  whatever the accents and capitals. */

/** @param {string} typed  @param {(string|undefined)[]} texts
 *  @param {(typed: string, word: string) => boolean} begins */
export function holds(typed, texts, begins = exactly) {
  const there = words(texts);
  return words([typed]).every((word) => there.some((one) => begins(word, one)));
}

export const exactly = (typed, word) => word.startsWith(typed);

/** With the wrong letters that a search forgives. */
export const nearly = (typed, word) =>
  exactly(typed, word) || changes(typed, word) <= forgiven(typed);

const forgiven = (typed) => (typed.length < 3 ? 0 : typed.length < 6 ? 1 : 2);

/** How many letters of `typed` are to be changed, put in or left out for it to begin `word`. */
function changes(typed, word) {
  let row = [...Array(word.length + 1).keys()];
  for (let at = 1; at <= typed.length; at++) {
    const next = [at];
    for (let to = 1; to <= word.length; to++) {
      const same = row[to - 1] + (typed[at - 1] === word[to - 1] ? 0 : 1);
      next.push(Math.min(same, row[to] + 1, next[to - 1] + 1));
    }
    row = next;
  }
  return Math.min(...row);
}

/** @param {object} course a card or hit */
export function course_holds(typed, course, begins = exactly) {
  const { title, code = "", subject, summary, teachers } = course;
  const together = code.replace(/[^\p{L}\p{N}]/gu, ""); // "cs101" is CS 101
  const names = teachers.map((teacher) => teacher.name);
  return holds(typed, [title, code, together, subject, summary, ...names], begins);
}

const words = (texts) =>
  texts
    .join(" ")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];
