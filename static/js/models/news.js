/** The order of a list whose rows get news while somebody looks at it. */

/**
 * What got news since it was last drawn comes first, the newest at the top. What was read stays
 * where it is, and what is new and has no news comes last.
 * @param {string[]} shown ids in the order on the screen
 * @param {{id: string}[]} nouns
 * @param {(noun: object) => number} news_at when its unread news came, 0 without any
 * @param {Map<string, number>} seen the news as they were drawn
 */
export function brought_forward(shown, nouns, news_at, seen) {
  // An older page brings what is unread, too, and not news.
  const newest = Math.max(0, ...seen.values());
  const fresh = (noun) => news_at(noun) > (seen.get(noun.id) ?? newest);
  const forward = nouns.filter(fresh).sort((one, other) => news_at(other) - news_at(one));
  return [...forward, ...in_shown_order(shown, nouns.filter((noun) => !fresh(noun)))];
}

/** Nothing moves; what is new comes last. */
export function in_shown_order(shown, nouns) {
  const places = new Map(shown.map((id, place) => [id, place]));
  const place = (noun) => places.get(noun.id) ?? shown.length;
  return [...nouns].sort((one, other) => place(one) - place(other));
}
