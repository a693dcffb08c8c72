/** The people of a conversation: who is in it, and who has written in it lately. */
import { store } from '../store.js';

/** How many entries back somebody counts as writing here. */
const LATELY = 200;

export function peopleOf(talk) {
  const people = new Map(talk?.members);
  if (talk?.peer) people.set(talk.peer.id, talk.peer);
  for (const { from } of talk?.entries.slice(-LATELY) ?? []) if (from && !people.has(from.id)) people.set(from.id, from);
  if (store.me) people.set(store.me.id, store.me);
  return [...people.values()];
}
