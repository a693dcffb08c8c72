/** Who is meant by an `@name` in a message. */
import { nameOf } from '../names.js';
import { store } from '../store.js';

/** Whether a message means me: by the ids sent along, or, from a client that sends none, by my name in it. */
export function mentionsMe(event) {
  const { me } = store;
  if (!me || !event.body) return false;
  if (event.mentions) return event.mentions.includes(me.id);
  return event.body.includes('@') && mentionsIn(event.body, [me]).length > 0;
}

/**
 * Where people are named with an `@`.
 *
 * @param {string} text
 * @param {{id: string, name: string}[]} people
 * @returns {{from: number, to: number, user: object}[]} from left to right
 */
export function mentionsIn(text, people) {
  const found = [];
  const lower = text.toLowerCase();
  // The longest name first: "@Ann Lee" is not Ann.
  const named = people.map((user) => [nameOf(user).toLowerCase(), user]).sort(([one], [other]) => other.length - one.length);
  for (let at = lower.indexOf('@'); at >= 0; at = lower.indexOf('@', at + 1)) {
    if (at > 0 && /[\p{L}\p{N}]/u.test(lower[at - 1])) continue;
    const hit = named.find(([name]) => lower.startsWith(name, at + 1) && !/^[\p{Script=Latin}\p{N}_]/u.test(lower.slice(at + 1 + name.length)));
    if (!hit) continue;
    found.push({ from: at, to: at + 1 + hit[0].length, user: hit[1] });
    at += hit[0].length;
  }
  return found;
}
