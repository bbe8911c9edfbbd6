import { Invitees } from "app/models/invitees.js";
import { equal, test } from "test/harness.js";

const person = (id, name) => ({ id, name, role: "student" });
const course = [
  person("tomas", "Tomás Núñez"),
  person("ana", "Ana Kovač"),
  person("anne", "Jean-Anne Petit"),
];
const names = (people, typed = "") => people.matching(typed).map(({ id }) => id);

const loaded = (...inside) => {
  const people = new Invitees();
  people.load(course, inside);
  return people;
};

test("those outside the room are offered, by name", () => {
  equal(names(loaded("tomas")), ["ana", "anne"]);
});

test("what is typed begins words of the name, with or without accents", () => {
  const people = loaded();
  equal(names(people, "nunez"), ["tomas"]);
  equal(names(people, "NÚ to"), ["tomas"]);
  equal(names(people, "ann"), ["anne"]);
  equal(names(people, "nne"), []);
});

test("who was added stays in sight, who was taken out can be added again", () => {
  const people = loaded();
  people.added("ana");
  equal([names(people, "ana"), people.is_added("ana")], [["ana"], true]);
  people.removed("ana");
  equal([names(people, "ana"), people.is_added("ana")], [["ana"], false]);
});

test("nobody is left when everyone is inside", () => {
  equal(loaded("tomas", "ana", "anne").anyone, false);
  equal(loaded("tomas").anyone, true);
});
