import { Reading } from "app/models/reading.js";
import { equal, ok, test } from "test/harness.js";

const message = (seq, author = "jun") => ({ seq, author: { id: author } });

function stretch(messages, more_before = false) {
  return { messages: () => messages, more_before, first_seq: messages[0]?.seq ?? null };
}

const room = (from, to, more_before) =>
  stretch(Array.from({ length: to - from + 1 }, (_, at) => message(from + at)), more_before);

test("a room is read as far as every message was on screen", () => {
  const reading = new Reading("ana", 3);
  const shown = room(1, 9);
  equal(reading.reached(shown), 3);
  reading.saw([4, 5, 8, 9]);
  equal(reading.reached(shown), 5, "two were never on screen");
  reading.saw([7, 6]);
  equal(reading.reached(shown), 9);
});

test("what was never loaded is never read", () => {
  const reading = new Reading("ana", 3);
  reading.saw([80, 81]);
  equal(reading.reached(room(52, 81, true)), 3);
  equal(reading.reached(room(52, 81, false)), 3, "52 itself was not on screen");
});

test("one's own messages need no reading, and a mark of another tab never moves back", () => {
  const reading = new Reading("ana", 0);
  const shown = stretch([message(1, "ana"), message(2), message(3, "ana")]);
  equal(reading.reached(shown), 1);
  reading.saw([2]);
  equal(reading.reached(shown), 3);
  reading.moved(9);
  reading.moved(2);
  equal(reading.reached(shown), 9);
});

test("what was jumped over is said to be unread above, and nothing else is", () => {
  const reading = new Reading("ana", 3);
  const shown = room(1, 30);
  ok(!reading.skipped(shown, 4), "nothing is unread above the first unread");
  ok(!reading.skipped(shown, 2), "what is unread is below");
  ok(reading.skipped(shown, 25));
  ok(reading.skipped(room(20, 30, true), 20), "it is above what is loaded");
  reading.saw([4, 5, 6]);
  ok(!reading.skipped(shown, 7));
});
