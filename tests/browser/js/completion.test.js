import { Completion } from "app/models/completion.js";
import { equal, test } from "test/harness.js";

const person = (name) => ({ id: name.toLowerCase(), name });
const names = ({ people }) => people.map(({ name }) => name);
const page = ["Pia Zorn", "Ana Kovač", "Bo Li", "Jean-Anne Petit"].map(person);

/** A room that answers when it is told to. */
function asked(known = page) {
  const questions = [];
  const ask = (q, signal) =>
    new Promise((answer, refuse) => questions.push({ q, signal, answer, refuse }));
  let draws = 0;
  const completion = new Completion(known, ask, () => (draws += 1));
  return { completion, questions, draws: () => draws };
}

test("those whom the page knows are offered at once, by any word of their names", () => {
  const { completion } = asked();
  completion.type("an");
  equal(names(completion), ["Ana Kovač", "Jean-Anne Petit"]);
  completion.type("p");
  equal(names(completion), ["Pia Zorn", "Jean-Anne Petit"]);
  completion.type("kovac");
  equal(names(completion), ["Ana Kovač"]);
  completion.type("");
  equal(names(completion).length, 4);
  completion.type(null);
  equal(names(completion), []);
});

test("whom the room finds takes their place, and is known from then on", async () => {
  const { completion, questions, draws } = asked();
  completion.type("q");
  const told = completion.ask();
  equal([questions[0].q, names(completion)], ["q", []]);
  questions[0].answer([person("Quentin")]);
  await told;
  equal([names(completion), draws()], [["Quentin"], 1]);
  completion.type("que");
  equal(names(completion), ["Quentin"]);
});

test("an answer to what is no longer typed is not shown", async () => {
  const { completion, questions, draws } = asked();
  completion.type("q");
  const first = completion.ask();
  completion.type("b");
  const second = completion.ask();
  questions[1].answer([person("Bo Li"), person("Bea")]);
  await second;
  questions[0].answer([person("Quentin")]);
  await first;
  equal([questions[0].signal.aborted, names(completion), draws()], [true, ["Bo Li", "Bea"], 1]);
  completion.type("c");
  const third = completion.ask();
  completion.type(null);
  questions[2].answer([person("Cem")]);
  await third;
  equal(names(completion), []);
});

test("nothing is asked for the sign alone, or where no name is typed", async () => {
  const { completion, questions } = asked();
  completion.type("");
  await completion.ask();
  completion.type(null);
  await completion.ask();
  equal(questions, []);
});

test("without an answer those stay who are known", async () => {
  const { completion, questions } = asked();
  completion.type("a");
  const told = completion.ask();
  questions[0].refuse(new Error("offline"));
  await told;
  equal(names(completion), ["Ana Kovač", "Jean-Anne Petit"]);
});
