/** The list of notices asks on where a page of the server's had nothing to show. */
import { NoticeList } from "app/components/notice_list.js";
import { find, find_all } from "app/helpers/dom.js";
import { Notices } from "app/models/notices.js";
import { equal, test } from "test/harness.js";

const notice = (id, category) => ({
  id,
  topic: "user:me",
  seq: Number(id),
  category,
  title: id,
  actor: { id: "jun", name: "Jun" },
  course: null,
  read: false,
});

function a_list(pages) {
  document.body.innerHTML = `<template id="row-notice"><li><span data-notice-avatar></span>
    <span data-text="title"></span><span data-unread-label></span>
    <button data-act="toggle-read"></button></li></template>
    <section><ul data-list="notices"></ul><p data-empty hidden></p><p data-loading hidden></p>
    <p data-error hidden></p><button data-act="more" hidden></button></section>`;
  const root = find(document, "section");
  const asked = [];
  const app = {
    notices: new Notices("me"),
    session: { on: () => {} },
    emit: () => {},
    command: async (name, args) => {
      asked.push(args);
      return { unseen: 0, unread: 0, next: null, notices: [], ...pages.shift() };
    },
  };
  return { root, asked, list: new NoticeList(root, app) };
}

const shown = (root) => find_all(root, "li").map((row) => row.dataset.id);
const visible = (root, selector) => !find(root, selector).hidden;

test("pages without any of what is chosen are passed over until some are found", async () => {
  const found = { notices: [notice("1", "courses")], next: "7/c" };
  const { root, asked, list } = a_list([{ next: "9/a" }, { next: "8/b" }, found]);
  await list.choose_category("courses");
  equal(shown(root), ["1"]);
  equal(
    asked.map(({ before }) => before ?? null),
    [null, "9/a", "8/b"],
  );
  equal([visible(root, "[data-act=more]"), visible(root, "[data-empty]")], [true, false]);
});

test("that there is nothing is said at the end, not before", async () => {
  const { root, asked, list } = a_list([{ next: "9/a" }, {}]);
  await list.choose_category("courses");
  equal([asked.length, shown(root).length], [2, 0]);
  equal([visible(root, "[data-act=more]"), visible(root, "[data-empty]")], [false, true]);
});

test("older ones are asked for until some are shown", async () => {
  const first = { notices: [notice("3", "courses")], next: "9/a" };
  const last = { notices: [notice("1", "courses")] };
  const { root, list } = a_list([first, { next: "8/b" }, last]);
  await list.choose_category("courses");
  await list.read(true);
  equal(shown(root), ["3", "1"]);
  equal(visible(root, "[data-act=more]"), false);
});
