import { Here } from "app/models/presence.js";
import { EXPIRES_MS, IDLE_MS, OwnTyping, RENEW_MS, Typists } from "app/models/typing.js";
import { fake_env } from "test/fakes.js";
import { equal, test } from "test/harness.js";

const ana = { id: "ana", name: "Ana Kovač", role: "student" };
const tomas = { id: "tomas", name: "Tomás Núñez", role: "student" };
const marta = { id: "marta", name: "Marta Olsen", role: "teacher" };

test("nobody knows who is here before it was read", () => {
  const here = new Here();
  equal([here.count, here.people], [null, null]);
});

test("people come and go, staff first, and a change heard twice changes nothing", () => {
  const here = new Here();
  here.load({ users: [tomas, ana] });
  for (let time = 0; time < 2; time += 1) {
    here.apply({ count: 2, joined: [marta], left: ["ana"] });
    equal(
      here.people.map(({ id }) => id),
      ["marta", "tomas"],
    );
    equal(here.count, 2);
  }
  equal([here.has("marta"), here.has("ana")], [true, false]);
});

test("above a hundred only the count is known, and the people again below it", () => {
  const here = new Here();
  here.load({ users: [ana] });
  here.apply({ count: 101 });
  equal([here.count, here.people, here.has("ana")], [101, null, false]);
  here.apply({ count: 2, users: [ana, marta] });
  equal([here.count, here.people.length], [2, 2]);
});

test("the line names one or two, and counts more", () => {
  const typists = new Typists("me");
  const types = (user) => typists.apply({ user, on: true }, 0);
  equal(typists.text, "");
  types(tomas);
  equal(typists.text, "Tomás is typing");
  types(ana);
  equal(typists.text, "Tomás and Ana are typing");
  types({ id: "ana2", name: "Ana Ruiz" });
  equal(typists.text, "3 people are typing");
  typists.posted("tomas");
  equal(typists.text, "Ana Kovač and Ana Ruiz are typing", "who share a first name");
  typists.apply({ user: ana, on: false }, 0);
  equal(typists.ids, ["ana2"]);
});

test("oneself is never named", () => {
  const typists = new Typists("ana");
  typists.apply({ user: ana, on: true }, 0);
  equal(typists.text, "");
});

test("typing that is not renewed is over after six seconds", () => {
  const typists = new Typists("me");
  typists.apply({ user: ana, on: true }, 0);
  typists.apply({ user: tomas, on: true }, 1_000);
  equal(typists.next_ms, EXPIRES_MS);
  typists.expire(EXPIRES_MS);
  equal(typists.text, "Tomás is typing");
  typists.expire(EXPIRES_MS + 1_000);
  equal([typists.text, typists.next_ms], ["", null]);
});

test("one's own typing is said at most every three seconds, and its end once", async () => {
  const env = fake_env();
  const said = [];
  const own = new OwnTyping((on) => said.push(on), env);
  own.wrote(false);
  for (let key = 0; key < 30; key += 1) {
    own.wrote(true);
    await env.passes(RENEW_MS / 15);
  }
  equal(said, [true, true]);
  await env.passes(IDLE_MS);
  equal(said, [true, true, false]);
  own.wrote(true);
  own.wrote(false);
  own.wrote(false);
  await env.passes(IDLE_MS);
  equal(said, [true, true, false, true, false]);
});
