/** A colour and a letter for a person, the same wherever the same id is seen. */
import { h } from './dom.js';

const HUES = 8;

/** A number from 0 to 7, from an id. */
export function hueOf(id) {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)) >>> 0;
  return sum % HUES;
}

export function initialOf(name) {
  const guest = /^guest-(\d+)$/i.exec(name);
  return guest ? guest[1].slice(-2) : ([...name][0] ?? '?').toLocaleUpperCase();
}

export function avatar(user) {
  return h('span', { class: 'avatar', 'data-hue': hueOf(user.id), 'aria-hidden': 'true' }, initialOf(user.name));
}
