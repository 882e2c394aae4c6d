/**
 * Elements from functions, and the page brought to what they say.
 *
 * Text only ever becomes a text node, and addresses are followed only where they are http(s). No
 * element has a listener of its own: `data-action` says what a click does (see actions.js).
 */

const SVG = "http://www.w3.org/2000/svg";

const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text as it is shown: characters that turn the direction of others are named, not obeyed. */
export function shown(text) {
  return String(text).replace(TURNS, (turn) => {
    return `[U+${turn.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(shown(child)));
  }
  return element;
}

const READ_ALOUD = new Set(["alt", "aria-description", "aria-label", "placeholder", "title"]);

function withAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    const text = value === true ? "" : String(value);
    element.setAttribute(name, READ_ALOUD.has(name) ? shown(text) : text);
  }
  return element;
}

/** An element of HTML. */
export function h(tag, attributes, ...children) {
  return append(withAttributes(document.createElement(tag), attributes), children);
}

/** An element of SVG. */
export function svg(tag, attributes, ...children) {
  return append(withAttributes(document.createElementNS(SVG, tag), attributes), children);
}

/** The address, where it is one of the web; else null. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page, or only the text where there is no address. */
export function outwardLink(text, address) {
  const href = address && webAddress(address);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, text) : text;
}

// ------------------------------------------------------------------------------ reconciliation

const isElement = (node) => node?.nodeType === Node.ELEMENT_NODE;

const isSame = (old, wanted) =>
  old.nodeType === wanted.nodeType &&
  old.nodeName === wanted.nodeName &&
  (!isElement(old) || old.id === wanted.id);

function move(parent, node, before) {
  if (parent.moveBefore && node.parentNode === parent) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function syncAttributes(old, wanted) {
  for (const { name } of [...old.attributes]) {
    if (!wanted.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function syncField(old, wanted) {
  if (old === document.activeElement) return;
  if (old instanceof HTMLInputElement || old instanceof HTMLSelectElement) {
    if (old.type === "checkbox") old.checked = wanted.checked;
    else if (old.value !== wanted.value) old.value = wanted.value;
  }
}

function syncNode(old, wanted) {
  if (!isElement(old)) {
    if (old.nodeValue !== wanted.nodeValue) old.nodeValue = wanted.nodeValue;
    return;
  }
  syncAttributes(old, wanted);
  syncChildren(old, [...wanted.childNodes]);
  syncField(old, wanted);
}

function syncChildren(parent, wanted) {
  const kept = new Set(wanted.filter(isElement).map((node) => node.id).filter(Boolean));
  const byId = new Map();
  for (const node of [...parent.childNodes]) {
    if (!isElement(node) || !node.id) continue;
    if (kept.has(node.id)) byId.set(node.id, node);
    else node.remove();
  }
  let cursor = parent.firstChild;
  for (const node of wanted) {
    const known = isElement(node) && node.id ? byId.get(node.id) : cursor;
    if (known && isSame(known, node)) {
      if (known === cursor) cursor = cursor.nextSibling;
      else move(parent, known, cursor);
      syncNode(known, node);
    } else {
      parent.insertBefore(node, cursor);
    }
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

/**
 * Make the children of `root` what `nodes` says, keeping elements that stay: focus, what is open
 * and what is being typed survive.
 */
export function render(root, ...nodes) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  const { id, index } = focused ? placeOf(root, focused) : {};
  syncChildren(root, [...append(document.createDocumentFragment(), nodes).childNodes]);
  if (focused && document.activeElement !== focused) restoreFocus(root, focused, id, index);
}

const FOCUSABLE = "button:not(:disabled), a[href], input, select, textarea, summary";

function placeOf(root, focused) {
  const group = focused.closest("[data-group]");
  const siblings = group ? [...group.querySelectorAll(FOCUSABLE)] : [];
  return { id: focused.id, index: { group: group?.id, at: siblings.indexOf(focused) } };
}

/** Focus what was focused; where it is gone, what took its place; else the group itself. */
function restoreFocus(root, focused, id, index) {
  const again = (id && document.getElementById(id)) || (focused.isConnected && focused);
  if (again) return again.focus({ preventScroll: true });
  const group = index.group && document.getElementById(index.group);
  const places = group ? [...group.querySelectorAll(FOCUSABLE)] : [];
  const next = places[Math.min(index.at, places.length - 1)] ?? group ?? root.closest("section");
  next?.focus({ preventScroll: true });
}
