/** Rendered text from the server, checked once more: a page never trusts markup that came over a
 *  line, whoever sent it. What is not on the list keeps its text and loses its tags. */

const TAGS = new Set(
  "a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i kbd li mark ol p pre s span strong sub sup table tbody td th thead tr ul".split(
    " ",
  ),
);
const DROPPED = new Set([
  "SCRIPT",
  "STYLE",
  "TEMPLATE",
  "IFRAME",
  "OBJECT",
  "EMBED",
  "NOSCRIPT",
  "SVG",
  "MATH",
]);
const CLASSES = new Set(["mention", "is-me"]);
const LINK = /^(https?:|mailto:|\/(?![/\\])|#)/i;

/** @returns {DocumentFragment} */
export function safe_html(text) {
  const parsed = new DOMParser().parseFromString(text ?? "", "text/html");
  const fragment = document.createDocumentFragment();
  for (const node of parsed.body.childNodes) copy(node, fragment);
  return fragment;
}

function copy(node, parent) {
  if (node.nodeType === Node.TEXT_NODE) {
    parent.append(node.data);
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.tagName.toUpperCase())) return;
  const into = TAGS.has(node.localName) ? parent.appendChild(clean(node)) : parent;
  for (const child of node.childNodes) copy(child, into);
}

function clean(node) {
  const element = document.createElement(node.localName);
  for (const name of node.classList) if (CLASSES.has(name)) element.classList.add(name);
  if (node.localName === "a") link(element, node.getAttribute("href") ?? "");
  if (node.localName === "ol" && /^\d{1,6}$/.test(node.getAttribute("start") ?? "")) {
    element.setAttribute("start", node.getAttribute("start"));
  }
  return element;
}

function link(element, href) {
  if (!LINK.test(href.trim())) return;
  element.setAttribute("href", href.trim());
  element.rel = "noopener noreferrer nofollow";
}
