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
]);
const CLASSES = new Set(["mention", "is-me", "com", "str", "num", "kw", "def"]);
const MATHML = "http://www.w3.org/1998/Math/MathML";
/** The elements of formulas, each with the attributes that the server gives it. */
const FORMULA = {
  ...Object.fromEntries(
    "mrow mn mtext msqrt mroot msub msup msubsup munder munderover mtr".split(" ").map((tag) => [tag, []]),
  ),
  math: ["display", "alttext"],
  mi: ["mathvariant"],
  mo: ["stretchy", "minsize", "maxsize", "lspace", "rspace", "movablelimits"],
  mspace: ["width"],
  mstyle: ["displaystyle"],
  mfrac: ["linethickness"],
  mover: ["accent"],
  mtable: ["displaystyle"],
  mtd: ["columnalign"],
};
const SIZES = new Set(["minsize", "maxsize", "lspace", "rspace", "width"]);
/** Nothing in a formula is so large, or so far off, that it covers what others wrote. */
const SIZE = /^-?[0-3](\.\d{1,2})?em$/;
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
  if (node.namespaceURI === MATHML) return copy_formula(node, parent);
  const into = TAGS.has(node.localName) ? parent.appendChild(clean(node)) : parent;
  for (const child of node.childNodes) copy(child, into);
}

/** A formula holds elements of formulas and text, and nothing else stands in it. */
function copy_formula(node, parent) {
  if (node.nodeType === Node.TEXT_NODE) parent.append(node.data);
  const attributes = node.namespaceURI === MATHML && FORMULA[node.localName];
  if (!attributes) return;
  const element = parent.appendChild(document.createElementNS(MATHML, node.localName));
  for (const name of attributes) {
    const value = node.getAttribute(name);
    if (value !== null && (!SIZES.has(name) || SIZE.test(value))) element.setAttribute(name, value);
  }
  for (const child of node.childNodes) copy_formula(child, element);
}

function clean(node) {
  const element = document.createElement(node.localName);
  for (const name of node.classList) if (CLASSES.has(name)) element.classList.add(name);
  if (element.classList.contains("mention") && /^[0-9a-f]{24}$/.test(node.dataset.user ?? ""))
    element.dataset.user = node.dataset.user;
  if (node.localName === "a") link(element, node.getAttribute("href") ?? "");
  if (node.localName === "ol" && /^\d{1,9}$/.test(node.getAttribute("start") ?? "")) {
    element.setAttribute("start", node.getAttribute("start"));
  }
  return element;
}

function link(element, href) {
  if (!LINK.test(href.trim())) return;
  element.setAttribute("href", href.trim());
  element.rel = "noopener noreferrer nofollow";
}
