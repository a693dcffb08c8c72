/** What we say: shown at once, marked until the server has it, kept with a way to retry if it refuses. */
import { newKey } from '../client.js';
import { note } from './announce.js';
import { t } from './i18n.js';
import { tab } from './prefs.js';
import { client } from './session.js';
import { store } from './store.js';
import { talkTitle } from './titles.js';

/** What a reload interrupted, by talk id: sent again under the same keys, so that nothing is said twice. */
const interrupted = new Map(Object.entries(tab.read('pending', {})));

/** What was written last: most changes change nothing here. */
let kept = JSON.stringify(Object.fromEntries(interrupted));

export function startOutgoing() {
  store.on('pending entries', keep);
  store.on('talks', ({ talk }) => talk?.entered && resume(talk));
}

export function send(talk, body, mentions = []) {
  const entry = { key: newKey(), body, mentions, at: Date.now(), error: null };
  talk.pending.push(entry);
  store.changed('pending', talk);
  deliver(talk, entry);
}

export function retry(talk, entry) {
  entry.error = null;
  store.changed('pending', talk);
  deliver(talk, entry);
}

export function discard(talk, entry) {
  talk.settle(entry.key);
  store.changed('pending', talk);
}

async function deliver(talk, entry) {
  try {
    const answer = talk.peer ? await client.tell(talk.peer.id, entry.body, entry.key) : await client.say(talk.room, entry.body, { key: entry.key, mentions: entry.mentions });
    talk.settle(entry.key);
    // The answer may come before the event: then it stands for it, so that nothing blinks.
    const { id, seq, at } = answer;
    const event = { type: talk.peer ? 'private' : 'message', room: talk.room, seq, id, at, from: store.me, to: talk.peer, body: entry.body };
    talk.add([event]);
    store.changed('entries', talk, { event });
    if (answer.delivered === 0) note(t('kept_for_later', { name: talkTitle(talk) }));
  } catch (error) {
    entry.error = error;
    store.changed('pending', talk);
  }
}

function resume(talk) {
  const entries = interrupted.get(talk.id);
  if (!entries) return;
  interrupted.delete(talk.id);
  for (const { key, body, mentions, at } of entries) {
    const entry = { key, body, mentions, at, error: null };
    talk.pending.push(entry);
    deliver(talk, entry);
  }
  store.changed('pending', talk);
}

function keep() {
  const all = Object.fromEntries(interrupted);
  for (const talk of store.talks.values()) if (talk.pending.length) all[talk.id] = talk.pending.map(({ key, body, mentions, at }) => ({ key, body, mentions, at }));
  const text = JSON.stringify(all);
  if (text === kept) return;
  kept = text;
  tab.write('pending', all);
}
