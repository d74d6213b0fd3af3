// Makes an element like another while what is there stays there: the focus, a selection, what was typed.

// The one way in for markup (Trusted Types): what our own server sent, whose templates escape.
const policy = window.trustedTypes
  ? trustedTypes.createPolicy("yesman", { createHTML: (text) => text })
  : { createHTML: (text) => text };

export function show(element, html) {
  const made = document.createElement(element.tagName);
  made.innerHTML = policy.createHTML(html);
  children(element, made);
}

export function replace(element, html) {
  const made = document.createElement("template");
  made.innerHTML = policy.createHTML(html);
  const next = made.content.firstElementChild;
  if (next) morph(element, next);
}

const key = (node) => (node.nodeType === Node.ELEMENT_NODE && (node.dataset.key ?? node.dataset.path ?? node.id)) || null;
const alike = (one, other) => one.nodeType === other.nodeType && one.nodeName === other.nodeName && key(one) === key(other);

function morph(old, next) {
  if (!alike(old, next)) {
    old.replaceWith(next);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (old.isEqualNode(next)) return;
  attributes(old, next);
  if (!("keep" in old.dataset) && !(old.matches("[data-unlock]"))) children(old, next);
}

function attributes(old, next) {
  // What a person has opened stays open, and what they have typed stays typed.
  const theirs = old.nodeName === "DETAILS" || old.nodeName === "DIALOG" ? ["open"] : [];
  if (old.matches("[data-unlock]")) theirs.push("aria-pressed");
  if (old.matches("[role=tab], [role=tabpanel]")) theirs.push("aria-selected", "hidden", "tabindex");
  for (const { name } of [...old.attributes])
    if (!next.hasAttribute(name) && !theirs.includes(name) && !name.startsWith("data-is-")) old.removeAttribute(name);
  for (const { name, value } of next.attributes)
    if (old.getAttribute(name) !== value && !theirs.includes(name)) old.setAttribute(name, value);
}

function children(old, next) {
  const keyed = new Map();
  for (const child of old.childNodes) if (key(child)) keyed.set(key(child), child);
  let at = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    const known = key(wanted) && keyed.get(key(wanted));
    if (known && alike(known, wanted)) {
      if (known !== at) old.insertBefore(known, at);
      else at = at.nextSibling;
      morph(known, wanted);
    } else if (at && alike(at, wanted) && !key(wanted)) {
      const after = at.nextSibling;
      morph(at, wanted);
      at = after;
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) {
    const after = at.nextSibling;
    at.remove();
    at = after;
  }
}
