/** Words for those who listen to the page, and short notes for everyone. */
import { byId, h } from './dom.js';
import { errorWords } from './wrong.js';

const NOTE_MS = 6_000;

/** Have a screen reader say `words` when it is done with what it says now. */
export function announce(words) {
  const place = byId('announcer');
  // A new element each time: the same words twice in a row are said twice.
  place.replaceChildren(h('p', null, words));
}

/** A short note that goes away by itself; read out at once. */
export function note(words) {
  const toast = h('p', { class: 'toast' }, words);
  byId('toasts').replaceChildren(toast);
  setTimeout(() => toast.remove(), NOTE_MS);
}

/** Run something a person asked for; if it fails, say why. Answers undefined then. */
export async function attempt(ask) {
  try {
    return await ask();
  } catch (error) {
    note(errorWords(error));
    return undefined;
  }
}
