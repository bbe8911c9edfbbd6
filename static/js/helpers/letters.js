/** Text cut where a reader sees the end of a character, never in the middle of one. */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const LONGEST = 16; // code units of one character: an emoji of a family has eleven

/** The first characters of a text, as people count them. */
export function cut(text, characters) {
  if (text.length <= characters) return text;
  const head = [...segmenter.segment(text.slice(0, (characters + 1) * LONGEST))];
  return head
    .slice(0, characters)
    .map(({ segment }) => segment)
    .join("");
}

export const first_letter = (text) => cut(text ?? "", 1).toUpperCase();
