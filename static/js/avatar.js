/** A colour and a letter for a person, the same wherever the same id is seen. */
import { h } from './dom.js';
import { hash, nameOf } from './names.js';

/** Degrees between neighbouring colours: near ones can't be told apart. */
const HUE_STEP = 10;

/** A hue in degrees, from an id. */
export function hueOf(id) {
  return (hash(`colour of ${id}`) % (360 / HUE_STEP)) * HUE_STEP;
}

/** One or two characters: "AL" for Ada Lovelace, 蓝 for 蓝鹭. */
export function initialOf(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const [first = '?', second = ''] = words.map((word) => [...word][0]);
  return (/^[a-z]/i.test(first) ? first + second : first).toLocaleUpperCase();
}

export function avatar(user) {
  return dressAvatar(h('span', { class: 'avatar', 'aria-hidden': 'true' }), user);
}

/** Make an element somebody's avatar. */
export function dressAvatar(node, user) {
  node.textContent = initialOf(nameOf(user));
  node.style.setProperty('--hue', hueOf(user.id));
  return node;
}
