/** What we say: shown at once, marked until the server has it, kept with a way to retry if it refuses. */
import { newKey } from '../client.js';
import { client } from './session.js';
import { store } from './store.js';

export function send(talk, body) {
  const entry = { key: newKey(), body, at: Date.now(), error: null };
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
    const answer = talk.peer ? await client.tell(talk.peer.id, entry.body, entry.key) : await client.say(talk.room, entry.body, entry.key);
    talk.settle(entry.key);
    // The answer may come before the event: then it stands for it, so that nothing blinks.
    const { id, seq, at } = answer;
    const event = { type: talk.peer ? 'private' : 'message', room: talk.room, seq, id, at, from: store.me, to: talk.peer, body: entry.body };
    talk.add([event]);
    store.changed('entries', talk, { event });
    if (answer.delivered === 0) store.changed('kept', talk);
  } catch (error) {
    entry.error = error;
    store.changed('pending', talk);
  }
}
