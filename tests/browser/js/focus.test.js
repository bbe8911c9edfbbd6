import { mount_shortcuts } from "app/components/shortcuts.js";
import { find } from "app/helpers/dom.js";
import { read_parts } from "app/helpers/parts.js";
import { equal, test } from "test/harness.js";

/** A page of two parts, read anew over `fetch`: the answer is given when the test says so. */
function page_of(parts) {
  const written = (content) =>
    `<main id="main" tabindex="-1">${content}</main><script id="state">{}</script>`;
  document.body.innerHTML = written(parts);
  let answer;
  const real = window.fetch;
  window.fetch = () => new Promise((resolve) => (answer = resolve));
  return {
    answer_with(fresh) {
      window.fetch = real;
      answer(new Response(`<title>parts</title>${written(fresh)}`));
    },
  };
}

const parts = (said) =>
  `<div data-part="list"><p>${said}</p></div>
   <div data-part="choices"><input name="x" value="1"><input name="x" value="2">
     <details><summary id="more">more</summary><input id="find"></details></div>`;

test("parts are put in place in one go, and whoever walked on meanwhile stays there", async () => {
  const page = page_of(parts("old"));
  const app = { state: {} };
  find(document, "[value='1']").focus();
  const read = read_parts(app);
  const old = find(document, "[value='2']");
  old.focus();
  const seen = [];
  app.mount = async () => {
    const { value } = document.activeElement;
    seen.push({ said: find(document, "p").textContent, value, half: old.isConnected });
  };
  page.answer_with(parts("new"));
  equal(await read, true);
  const whole = { said: "new", value: "2", half: false };
  equal(seen, [whole, whole]);
});

test("what is carried over is there before the focus is given back", async () => {
  const page = page_of(parts("old"));
  find(document, "details").open = true;
  find(document, "#find").focus();
  find(document, "#find").value = "ec";
  const carry = () => {
    const { value } = find(document, "#find");
    return () => {
      find(document, "details").open = true;
      find(document, "#find").value = value;
    };
  };
  const read = read_parts({ state: {}, mount: async () => {} }, { carry });
  find(document, "#find").value = "econ";
  page.answer_with(parts("new"));
  await read;
  equal([document.activeElement.id, document.activeElement.value], ["find", "econ"]);
});

test("the focus goes near to what is gone, else to the page", async () => {
  for (const [near, expected] of [
    [() => find(document, "#find"), "find"],
    [undefined, "main"],
  ]) {
    const page = page_of(`${parts("old")}<div data-part="chips"><a href="#gone">gone</a></div>`);
    find(document, "a").focus();
    const carry = () => () => (find(document, "details").open = true);
    const read = read_parts({ state: {}, mount: async () => {} }, { near, carry });
    page.answer_with(`${parts("new")}<div data-part="chips"></div>`);
    await read;
    equal(document.activeElement.id, expected);
  }
});

test("a drawer that opens takes the focus, not from somebody who is in it already", () => {
  document.body.innerHTML = `<a href="#side">open</a><nav id="side" tabindex="-1"><a href="#main">close</a></nav>`;
  mount_shortcuts({ emit: () => {} });
  history.replaceState(null, "", "#side");
  find(document, "body > a").focus();
  dispatchEvent(new HashChangeEvent("hashchange"));
  equal(document.activeElement.id, "side");
  find(document, "nav a").focus();
  dispatchEvent(new HashChangeEvent("hashchange"));
  equal(document.activeElement.textContent, "close");
});
