import { Draft } from "app/models/draft.js";
import { memory_storage } from "app/net/env.js";
import { equal, test } from "test/harness.js";

const words = (body, ...people) => ({ body, people });
const nothing = words("");
const ana = { id: "a1", name: "Ana Silva" };

/** Two tabs of one browser. */
const tabs = (storage = memory_storage()) => [0, 1].map(() => new Draft(storage, "ana", "room"));

test("the words that were typed last are the draft, in whatever tab", () => {
  const [first, second] = tabs();
  first.write(words("half"));
  second.write(words("half a word, and more", ana));
  equal(first.read(), words("half a word, and more", ana));
  first.write(words("another"));
  equal(second.read(), words("another"));
});

test("what was sent in one tab is gone in all", () => {
  const [first, second] = tabs();
  first.write(words("a question"));
  second.write(nothing);
  equal(first.read(), nothing);
});

test("each person and each room has a draft of its own", () => {
  const storage = memory_storage();
  new Draft(storage, "ana", "room").write(words("hers"));
  equal(new Draft(storage, "bo", "room").read(), nothing);
  equal(new Draft(storage, "ana", "other").read(), nothing);
});

test("a draft of the version before is read as it is, whatever it looks like", () => {
  const storage = memory_storage();
  for (const text of ["half a word", "1848", '{"a": 1}', "null", '"x"', "[1]"]) {
    storage.setItem("elearn.draft.ana.room", text);
    equal(new Draft(storage, "ana", "room").read(), words(text));
  }
});

test("a tab looks again when another changed this draft", () => {
  const [draft] = tabs();
  equal(
    ["elearn.draft.ana.room", "elearn.draft.ana.other"].map((name) => draft.is_about(name)),
    [true, false],
  );
});

test("where the storage is full the words stay in the tab in which they were typed", () => {
  const full = {
    ...memory_storage(),
    setItem: () => {
      throw new Error("full");
    },
  };
  const [first, second] = tabs(full);
  first.write(words("a text"));
  equal([first.read(), second.read()], [words("a text"), nothing]);
  first.write(nothing);
  equal(first.read(), nothing);
});
