import { Recent, forget_recent } from "app/models/recent.js";
import { Search } from "app/models/search.js";
import { memory_storage } from "app/net/env.js";
import { settle } from "test/fakes.js";
import { equal, ok, test } from "test/harness.js";

function asked_by_hand() {
  const asked = [];
  const search = new Search(
    (q, signal) => new Promise((resolve, reject) => asked.push({ q, signal, resolve, reject })),
  );
  return { asked, search };
}

test("the answer shown belongs to the newest keystroke, older questions are cancelled", async () => {
  const { asked, search } = asked_by_hand();
  search.type("bio");
  search.type("bioc");
  equal(
    asked.map(({ signal }) => signal.aborted),
    [true, false],
  );
  asked[1].resolve({ hits: [{ id: "new" }], total: 1 });
  asked[0].resolve({ hits: [{ id: "old" }], total: 1 });
  await settle();
  equal([search.answer.q, search.answer.hits[0].id], ["bioc", "new"]);
  equal(search.spoken(), "One course found.");
});

const courses = [
  { id: "c1", title: "Biochemistry", code: "CHEM 379", subject: "Chemistry", teachers: [] },
  { id: "c2", title: "Señales", code: "BIO 2", subject: "Física", teachers: [{ name: "Zoë Bío" }] },
  { id: "c3", title: "Biology of Women", code: "X 1", subject: "", teachers: [] },
];
const bio_answer = {
  hits: courses,
  total: 40,
  rooms: [{ name: "bioscope" }, { name: "biochem lab" }],
  people: [{ name: "Ana Biondi" }],
  popular: [],
  nearest: true,
  suggestion: "biota",
  reduced: true,
};

test("of what was found for an older text only what holds the newer one stays, at once", async () => {
  const { asked, search } = asked_by_hand();
  const shown = () => search.answer.hits.map(({ id }) => id).join(" ");
  search.type("bio");
  asked[0].resolve(bio_answer);
  await settle();
  const left = (text) => (search.type(text), [shown(), search.answer.q]);
  equal(left("BÍO"), ["c1 c2 c3", "BÍO"]);
  equal(left("bioc"), ["c1", "bioc"]);
  equal(
    search.answer.rooms.map(({ name }) => name),
    ["biochem lab"],
  );
  equal(search.answer.people, []);
  ok(search.answer.reduced, "which is said of the engine");
  ok(!search.answer.nearest && !search.answer.suggestion, "what was said of the older answer");
  equal(search.spoken(), "", "nothing is counted before the answer");
  equal(left("bioc 379"), ["c1", "bioc 379"]);
  equal(left("biochemes"), ["c1", "biochemes"], "a wrong letter is forgiven where nothing fits");
  equal(left("biochxmxs"), ["c1", "biochxmxs"], "and two in a long word");
  equal(left("biochxxxs"), ["", "biochxxxs"], "but not three");
  equal(left("bioch"), ["", "bioch"], "what is gone comes back with the answer alone");
});

test("a code is told without its space, a teacher and a subject by how they begin", async () => {
  for (const [text, id] of Object.entries({ chem379: "c1", "zoe b": "c2", fisi: "c2", women: "c3" })) {
    const { asked, search } = asked_by_hand();
    search.type("x");
    asked[0].resolve(bio_answer);
    await settle();
    search.type(text);
    equal(
      search.answer.hits.map((hit) => hit.id),
      [id],
    );
  }
});

test("clearing the field ends what was asked, the same text is not asked twice", async () => {
  const { asked, search } = asked_by_hand();
  search.type("bio");
  search.type("bio ");
  equal(asked.length, 1);
  search.type("");
  asked[0].resolve({ hits: [], total: 0 });
  await settle();
  equal(search.answer, null);
});

test("a failed search says so and can be tried again", async () => {
  const { asked, search } = asked_by_hand();
  search.type("bio");
  asked[0].reject(new Error("Search is away."));
  await settle();
  equal(search.spoken(), "Search is away.");
  search.retry();
  equal(asked.length, 2);
});

async function answered(result) {
  const { asked, search } = asked_by_hand();
  search.type("bio");
  asked[0].resolve({ hits: [], total: 0, ...result });
  await settle();
  return search;
}

const biology = () => ({ id: "c1", title: "Biology", enrolled: 4, seats_left: 2, viewer: {} });

test("what was found is said in one sentence", async () => {
  const said = async (result) => (await answered(result)).spoken();
  equal(
    await said({ hits: [biology()], total: 14, rooms: [{}], people: [{}, {}] }),
    "14 courses, one room and 2 people found.",
  );
  equal(await said({ people: [{}] }), "One person found.");
  equal(
    await said({ hits: [biology()], total: 1, nearest: true }),
    "Nothing is quite like bio. One course found.",
  );
  equal(
    await said({ hits: [biology()], total: 1, suggestion: "bios" }),
    "One course found. Did you mean bios?",
  );
  equal(
    await said({ popular: [biology(), biology()] }),
    "Nothing found for bio. 2 well-attended courses shown instead.",
  );
});

test("seats and one's own enrolment move in what is shown", async () => {
  const search = await answered({ hits: [biology()], total: 1 });
  const moved = (event, data) => search.moved(event, { course: "c1", ...data }, "me");
  equal(moved("course.seats", { enrolled: 5, seats_left: 1 }).seats_left, 1);
  moved("enrollment.enrolled", { enrolled: 6, seats_left: 0, user: { id: "jun" } });
  equal(search.answer.hits[0].viewer.enrolled, undefined, "somebody else's");
  moved("enrollment.enrolled", { enrolled: 6, seats_left: 0, user: { id: "me" } });
  equal(search.answer.hits[0].viewer.enrolled, true);
  equal(search.moved("course.seats", { course: "c2", enrolled: 1 }, "me"), null);
  equal(search.moved("course.withdrawn", { course: { id: "c1" } }, "me").withdrawn, true);
});

test("recent searches are kept newest first, once each, up to six", () => {
  const recent = new Recent("me", memory_storage());
  for (const q of ["a", "b", "A ", "", "c", "d", "e", "f", "g"]) recent.add(q);
  equal(recent.all(), ["g", "f", "e", "d", "c", "A"]);
  recent.remove("e");
  equal(recent.all(), ["g", "f", "d", "c", "A"]);
});

test("recent searches are seen by the one who searched, and by nobody after signing out", () => {
  const storage = memory_storage();
  new Recent("me", storage).add("algebra");
  equal(new Recent("jun", storage).all(), []);
  new Recent(undefined, storage).add("a visitor's");
  equal(new Recent("me", storage).all(), ["algebra"]);
  forget_recent(storage);
  equal(new Recent("me", storage).all(), []);
});

test("a broken note of recent searches is none", () => {
  const storage = memory_storage();
  storage.setItem("elearn.recent", "{");
  equal(new Recent("me", storage).all(), []);
});
