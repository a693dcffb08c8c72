/** What people are called: the newest name known, and for who has taken none, a friendly one made of their id. */
import { language } from './i18n.js';
import { COLOURS, CREATURES } from './lang/creatures.js';

const GUEST = /^guest-\d+$/i;

/** How many people's names are remembered; those heard of longest ago go first. */
const KNOWN_MAX = 5000;

/** @type {Map<string, {name: string, at: number}>} */
const known = new Map();

/** Dispatches `change` when somebody is called something else than before. */
export const renaming = new EventTarget();

/**
 * Take note of what somebody is called.
 *
 * @param {{id: string, name: string}} user
 * @param {number} [at] when they were called so, in milliseconds: old messages say old names
 */
export function heardName({ id, name }, at = Infinity) {
  const before = known.get(id);
  if (before && (before.at > at || (before.name === name && before.at === at))) return;
  known.delete(id);
  known.set(id, { name, at });
  if (known.size > KNOWN_MAX) known.delete(known.keys().next().value);
  if (before && before.name !== name) renaming.dispatchEvent(new Event('change'));
}

/** Somebody as far as they are known by their id. */
export function knownUser(id) {
  const user = known.get(id);
  return user ? { id, name: user.name } : null;
}

/** The name to show for somebody. */
export function nameOf(user) {
  const name = known.get(user.id)?.name ?? user.name;
  return GUEST.test(name) ? friendlyName(user.id) : name;
}

/** Whether somebody has taken a name. */
export function isNamed(user) {
  return !GUEST.test(known.get(user.id)?.name ?? user.name);
}

/** "Blue Heron", 蓝鹭: the same for the same id, in each reader's language. */
export function friendlyName(id) {
  const number = hash(id);
  const [colour, creature] = [COLOURS[number % COLOURS.length], CREATURES[Math.floor(number / COLOURS.length) % CREATURES.length]];
  return language() === 'zh' ? `${colour[1]}${creature[1]}` : `${colour[0]} ${creature[0]}`;
}

/** A number made of a text, spread over 32 bits: FNV-1a, then mixed as MurmurHash3 does at its end. */
export function hash(text) {
  let sum = 0x811c9dc5;
  for (const char of text) sum = Math.imul(sum ^ char.codePointAt(0), 0x01000193);
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}
