/** Rows from templates: every `data-*` hook is filled from a noun, with text as text. */
import { first_letter } from "app/helpers/letters.js";
import { safe_html } from "app/helpers/safe_html.js";
import { full_time, short_time } from "app/helpers/time.js";

export const find = (root, selector) => root.querySelector(selector);
export const find_all = (root, selector) => [...root.querySelectorAll(selector)];

/** @param {string} path "author.name" */
function at_path(noun, path) {
  return (path || "").split(".").reduce((value, part) => value?.[part], noun);
}

/** "Ana Kovač" -> "AK" */
export function initials(name) {
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map(first_letter).join("");
}

/** The avatar's colour of an id, the same that the server gives. */
export function tone(id) {
  return [...String(id ?? "")].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 8;
}

export const count_text = (count) => (count > 99 ? "99+" : count > 0 ? String(count) : "");

/** @type {Record<string, (element: HTMLElement, value: any, noun: any) => void>} */
const HOOKS = {
  text: (element, value) => (element.textContent = value ?? ""),
  decimal: (element, value) => (element.textContent = value?.toFixed(1) ?? ""),
  href: (element, value) => value && element.setAttribute("href", value),
  userHref: (element, value) =>
    value ? element.setAttribute("href", `/users/${value}`) : element.removeAttribute("href"),
  courseHref: (element, value) => element.setAttribute("href", `/courses/${value}`),
  roomHref: (element, value) => element.setAttribute("href", `/rooms/${value}`),
  html: (element, value) => element.replaceChildren(safe_html(value)),
  show: (element, value) => (element.hidden = !value),
  hide: (element, value) => (element.hidden = Boolean(value)),
  time: (element, value) => set_time(element, value),
  tone: (element, value) => set_tone(element, value),
  initials: (element, value) => (element.textContent = initials(value)),
  role: (element, value) => set_role(element, value),
  count: (element, value) => set_count(element, value),
  valueOf: (element, value) => (element.dataset.value = value ?? ""),
  mark: (element, value) => (element.textContent = first_letter(value)),
  plural: (element, value) =>
    (element.textContent = value === 1 ? element.dataset.one : element.dataset.many),
  teachers: (element, _, noun) =>
    (element.textContent = (noun.teachers ?? []).map((one) => one.name ?? one).join(", ")),
  stars: (element, value) => (element.dataset.value = value ?? 0),
  permalink: (element, _, noun) => element.setAttribute("href", `/rooms/${noun.room}/${noun.seq}`),
};

const attribute = (hook) =>
  `data-${hook.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Fills the hooks of an element and of what is in it. */
export function fill(root, noun) {
  for (const [hook, set] of Object.entries(HOOKS)) {
    const selector = `[${attribute(hook)}]`;
    const elements = find_all(root, selector);
    if (root.matches?.(selector)) elements.push(root);
    for (const element of elements) set(element, at_path(noun, element.dataset[hook]), noun);
  }
  return root;
}

/** A fresh row from `<template id="row-…">`. */
export function row(name, noun) {
  const template = document.getElementById(`row-${name}`);
  const element = template.content.firstElementChild.cloneNode(true);
  if (noun.id !== undefined) element.dataset.id = noun.id;
  if (noun.seq !== undefined) element.dataset.seq = noun.seq;
  return fill(element, noun);
}

export function set_time(element, iso) {
  if (!iso) return;
  element.setAttribute("datetime", iso);
  element.title = full_time(iso);
  element.textContent = short_time(iso);
}

export function set_tone(element, id) {
  for (const name of [...element.classList])
    if (/^tone-\d$/.test(name)) element.classList.remove(name);
  element.classList.add(`tone-${tone(id)}`);
}

function set_role(element, role) {
  element.textContent = role ?? "";
  element.dataset.value = role ?? "";
}

export function set_count(element, count) {
  element.textContent = count_text(count ?? 0);
  element.hidden = !count;
}

export function set_text(root, selector, text) {
  const element = root?.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}

export function set_hidden(root, selector, hidden) {
  for (const element of root ? find_all(root, selector) : []) element.hidden = hidden;
}

/** The page's own part of its title: before the name of the site. */
export const set_title = (name) => {
  document.title = document.title.replace(/^.*(?= · )/, () => name);
};
