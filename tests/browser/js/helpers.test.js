import { address_after } from "app/components/facets.js";
import { count_text, fill, initials, tone } from "app/helpers/dom.js";
import { cut, first_letter } from "app/helpers/letters.js";
import { sync_rows } from "app/helpers/rows.js";
import { safe_html } from "app/helpers/safe_html.js";
import { day_name, full_time, short_time } from "app/helpers/time.js";
import { Combobox } from "app/helpers/combobox.js";
import { equal, ok, test } from "test/harness.js";

const html = (text) => {
  const box = document.createElement("div");
  box.append(safe_html(text));
  return box.innerHTML;
};

test("what executes, loads or dresses is taken out of rendered text", () => {
  equal(
    html(
      '<p onclick="x()" style="color:red">a<script>x()</scr' + "ipt><img src=x onerror=x()></p>",
    ),
    "<p>a</p>",
  );
  equal(html("<svg><a xlink:href='javascript:x()'>a</a></svg>b"), "b");
  equal(html('<iframe src="/"></iframe><form action="/x"><button>go</button></form>'), "go");
  equal(
    html("<math><mtext><table><mglyph><style><img src=x onerror=x()>"),
    "<math><mtext></mtext></math>",
  );
});

test("a formula keeps what sets it, and nothing that acts or covers other words", () => {
  const set =
    '<math display="block" alttext="x^2"><msup><mi>x</mi><mn>2</mn></msup><mspace width="0.17em"></mspace></math>';
  equal(html(set), set);
  const math = safe_html(set).querySelector("math");
  equal(math.namespaceURI, "http://www.w3.org/1998/Math/MathML");
  for (const bad of [
    '<math><mi href="javascript:x()">x</mi></math>',
    '<math><mi style="position:fixed" class="kw" onclick="x()">x</mi></math>',
    "<math><mi><b>x</b>x</mi></math>",
  ]) {
    equal(html(bad), "<math><mi>x</mi></math>");
  }
  equal(html('<math><mspace width="-99em"></mspace></math>'), "<math><mspace></mspace></math>");
  equal(html("<math><maction><mi>x</mi></maction><annotation>y</annotation></math>"), "<math></math>");
});

test("a text is cut between characters, as people count them", () => {
  const family = "👨‍👩‍👧‍👦";
  equal(["🧪 Chem", family, "e\u0301t\u00e9", "", null, "ana"].map(first_letter), [
    "🧪",
    family,
    "E\u0301",
    "",
    "",
    "A",
  ]);
  equal([cut(`ab${family}cd`, 3), cut("abc", 3), cut("a\u0301\u0302bc", 1)], [
    `ab${family}`,
    "abc",
    "a\u0301\u0302",
  ]);
});

test("links lead to the web, to mail or to a local place only", () => {
  for (const bad of [
    "javascript:x()",
    " JavaScript:x()",
    "java\nscript:x()",
    "data:text/html,x",
    "//evil.example",
    "/\\evil.example",
    "vbscript:x",
  ]) {
    const link = safe_html(`<a href="${bad}">a</a>`).querySelector("a");
    ok(!link.hasAttribute("href"), bad);
  }
  for (const good of ["https://example.org/a?b=c", "mailto:a@example.org", "/rooms/1", "#m4"]) {
    const link = safe_html(`<a href="${good}" target="_blank">a</a>`).querySelector("a");
    equal(
      [link.getAttribute("href"), link.rel, link.target],
      [good, "noopener noreferrer nofollow", ""],
    );
  }
});

test("marks, code, lists and mentions stay", () => {
  const text =
    '<p><mark>Bio</mark> <code>v = 1</code> <span class="mention evil">@Ana</span></p><ol start="1848"><li>a</li></ol>';
  equal(
    html(text),
    '<p><mark>Bio</mark> <code>v = 1</code> <span class="mention">@Ana</span></p><ol start="1848"><li>a</li></ol>',
  );
  const mention = '<span class="mention" data-user="0123456789abcdef01234567">@Ana</span>';
  equal(html(mention), mention);
  equal(html('<span class="mention" data-user="x y">@Ana</span>'), '<span class="mention">@Ana</span>');
});

test("hooks are filled with text as text", () => {
  const element = document.createElement("li");
  element.innerHTML =
    '<a data-text="author.name" data-user-href="author.id"></a><b data-show="edited_at"></b><i class="tone-1" data-tone="author.id" data-initials="author.name"></i><u data-count="unread"></u>';
  fill(element, { author: { id: "u1", name: "<b>Ana</b> Kovač" }, edited_at: null, unread: 120 });
  const [name, edited, avatar, count] = element.children;
  equal(
    [name.textContent, name.children.length, name.getAttribute("href")],
    ["<b>Ana</b> Kovač", 0, "/users/u1"],
  );
  equal([edited.hidden, avatar.className, count.textContent], [true, `tone-${tone("u1")}`, "99+"]);
});

test("initials come from the first and the last name, of any script", () => {
  equal(["Ana Maria Kovač", "Plato", "  ", "😀 smile", "فاطمة الرشيد"].map(initials), [
    "AK",
    "P",
    "",
    "😀S",
    "فا",
  ]);
  equal([count_text(0), count_text(99), count_text(100)], ["", "99", "99+"]);
});

test("rows that stay keep their element and their focus", () => {
  const list = document.createElement("ul");
  document.body.append(list);
  const draw = ({ id }, old) =>
    old ?? Object.assign(document.createElement("li"), { textContent: id, tabIndex: -1 });
  const nouns = (text) => [...text].map((id) => ({ id }));
  sync_rows(list, nouns("abcd"), draw);
  const c = list.children[2];
  c.focus();
  for (const order of ["bcde", "c", "xcy", "cyx", "axcyb"]) {
    sync_rows(list, nouns(order), draw);
    equal(list.textContent, order);
    ok(list.contains(c) && c.isConnected, "the element of c");
  }
  sync_rows(list, nouns("ab"), draw);
  equal(list.textContent, "ab");
  list.remove();
});

test("a row that is taken away above leaves the focus where it is", () => {
  const list = document.createElement("ul");
  document.body.append(list);
  const draw = ({ id }, old) =>
    old ?? Object.assign(document.createElement("li"), { textContent: id, tabIndex: -1 });
  sync_rows(list, [{ id: "a" }, { id: "b" }], draw);
  list.children[1].focus();
  sync_rows(list, [{ id: "b" }, { id: "c" }], draw);
  equal(document.activeElement.textContent, "b");
  list.remove();
});

test("times are said as today's, this week's, or a date", () => {
  const now = new Date("2026-11-19T15:00:00Z");
  const short = (iso) => short_time(iso, now, "UTC");
  equal(short("2026-11-19T14:05:00Z"), "14:05");
  equal(short("2026-11-19T00:05:00Z"), "00:05");
  equal(short("2026-11-16T14:05:00Z"), "Mon 14:05");
  equal(short("2026-11-12T14:05:00Z"), "12 Nov");
  equal(short("2025-11-12T14:05:00Z"), "12 Nov 2025");
  equal(short_time("2026-11-18T23:30:00Z", now, "Europe/Vienna"), "00:30");
  equal(
    [
      day_name("2026-11-19T01:00:00Z", now, "UTC"),
      day_name("2026-11-18T01:00:00Z", now, "UTC"),
      day_name("2026-11-12T01:00:00Z", now, "UTC"),
    ],
    ["Today", "Yesterday", "Thursday 12 November"],
  );
  equal(full_time("2026-11-19T16:20:00Z", "UTC"), "Thursday 19 November 2026, 16:20");
});

function combobox() {
  const box = document.createElement("div");
  box.innerHTML =
    '<input><div hidden><ul id="l" role="listbox"><li role="option">a</li><li role="option">b</li></ul></div>';
  document.body.append(box);
  const [input, popup] = box.children;
  const picked = [];
  const combo = new Combobox({
    input,
    popup,
    list: popup.firstElementChild,
    pick: (option) => picked.push(option.textContent),
  });
  combo.refresh();
  const press = (key) =>
    input.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, bubbles: true }));
  return { box, input, popup, picked, combo, press };
}

test("arrows walk the options round, Enter takes the chosen one", () => {
  const { box, input, picked, press } = combobox();
  press("ArrowDown");
  equal(
    [input.getAttribute("aria-activedescendant"), input.getAttribute("aria-expanded")],
    ["l-0", "true"],
  );
  press("ArrowUp");
  equal(input.getAttribute("aria-activedescendant"), "l-1");
  press("Home");
  press("End");
  press("Enter");
  equal(picked, ["b"]);
  box.remove();
});

test("Escape closes first and clears then", () => {
  const { box, input, popup, combo, press } = combobox();
  input.value = "bio";
  combo.show();
  press("Escape");
  equal([popup.hidden, input.value], [true, "bio"]);
  press("Escape");
  equal(input.value, "");
  box.remove();
});

test("without a choice Enter is the form's", () => {
  const { box, input, combo } = combobox();
  combo.show();
  const event = new KeyboardEvent("keydown", { key: "Enter", cancelable: true });
  input.dispatchEvent(event);
  ok(!event.defaultPrevented, "the form takes it");
  box.remove();
});

test("a choice changes one thing in an address, whatever else it says", () => {
  const filters = { subject: [], level: [], open: false };
  const box = (name, value, checked) => ({ type: "checkbox", name, value, checked });
  const after = (search, control) => address_after(search, control, filters);
  equal(after("", box("level", "200", true)), "/courses?level=200");
  equal(after("?level=200&q=bio", box("subject", "Art", true)), "/courses?q=bio&subject=Art&level=200");
  equal(after("?level=100&level=200", box("level", "100", false)), "/courses?level=200");
  equal(after("?level=100", box("level", "100", true)), "/courses?level=100");
  equal(after("?level=100", box("level", "100", false)), "/courses");
  const order = (value) => ({ type: "select-one", name: "sort", value });
  equal(after("?sort=newest&page=3&open=1", order("popular")), "/courses?open=1&sort=popular");
  equal(after("?q=bio&sort=newest", order("")), "/courses?q=bio");
});
