import { Combobox } from "app/helpers/combobox.js";
import { empty, leave_composing, type_over } from "app/helpers/editing.js";
import { equal, ok, test } from "test/harness.js";

function field(kind, value = "") {
  const made = document.createElement(kind);
  document.body.append(made);
  made.focus();
  if (value) document.execCommand("insertText", false, value);
  let told = 0;
  made.addEventListener("input", () => (told += 1));
  return { made, told: () => told };
}

const undo = () => document.execCommand("undo");

for (const kind of ["input", "textarea"]) {
  test(`what a script writes into an ${kind} is told, and taken back like anything typed`, () => {
    const { made, told } = field(kind, "So, @An and you");
    type_over(made, 5, 7, "Ana Silva ");
    equal([made.value, made.selectionStart, told()], ["So, @Ana Silva  and you", 15, 1]);
    undo();
    equal(made.value, "So, @An and you");
    empty(made);
    equal([made.value, told()], ["", 3]);
    undo();
    equal(made.value, "So, @An and you");
  });
}

test("a length that a field may not pass holds for scripts", () => {
  const { made } = field("textarea", "@A");
  made.maxLength = 5;
  type_over(made, 1, 2, "Ana Silva ");
  ok(made.value.length <= 5, made.value);
});

test("the second Escape of a list's field empties it, and undo brings the words back", () => {
  const { made } = field("input", "alge");
  const popup = document.createElement("div");
  popup.hidden = true;
  document.body.append(popup);
  new Combobox({ input: made, popup, list: popup, pick: () => {} });
  made.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  equal(made.value, "");
  undo();
  equal(made.value, "alge");
});

test("keys of an input method are heard by no act of a page, whatever the browser calls them", () => {
  const { made } = field("input");
  leave_composing(window);
  const heard = [];
  made.addEventListener("keydown", ({ key }) => heard.push(key));
  const press = (how) => made.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...how }));
  press({ key: "Enter", keyCode: 229 });
  press({ key: "Enter", isComposing: true });
  press({ key: "Process", keyCode: 229, isComposing: true });
  equal(heard, []);
  press({ key: "Enter", keyCode: 13 });
  equal(heard, ["Enter"]);
});
