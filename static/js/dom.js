/**
 * Small helpers to build and keep up DOM. Text always goes in as text: there is no way to hand over markup.
 */
const SVG = 'http://www.w3.org/2000/svg';

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2).toLowerCase(), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

/** An HTML element: `h('p', {class: 'note'}, 'text', child)`. `onClick` and the like are listeners. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** The element with that id. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Make a parent's children be `rows`, in order, touching only what differs: focus, selection and animations of the
 * rest survive.
 *
 * @param {Element} parent
 * @param {{key: string, sig: string, make: () => Element}[]} rows a row whose `key` and `sig` are unchanged keeps its element
 */
export function reconcile(parent, rows) {
  const old = new Map();
  for (const node of parent.children) old.set(node.rowKey, node);
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && { key: rowOf(parent, focused)?.rowKey, name: focused.getAttribute('data-focus') };
  let next = parent.firstElementChild;
  for (const { key, sig, make } of rows) {
    let node = old.get(key);
    old.delete(key);
    if (node?.rowSig !== sig) {
      const fresh = make();
      fresh.rowKey = key;
      fresh.rowSig = sig;
      if (node) {
        if (next === node) next = node.nextElementSibling;
        node.remove();
      }
      node = fresh;
    }
    if (node === next) next = node.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  for (const node of old.values()) node.remove();
  if (place?.name && !focused.isConnected) {
    const row = [...parent.children].find((node) => node.rowKey === place.key);
    row?.querySelector(`[data-focus="${CSS.escape(place.name)}"]`)?.focus();
  }
}

function rowOf(parent, node) {
  while (node && node.parentElement !== parent) node = node.parentElement;
  return node;
}

/** Copy text, also where the clipboard API is missing (a page served without TLS under a name). */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { class: 'sr-only', 'aria-hidden': 'true' });
    area.value = text;
    const host = document.querySelector('dialog[open]') ?? document.body;
    host.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
