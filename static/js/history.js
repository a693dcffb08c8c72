/** Pages of a conversation's history, and how far it was read. */
import { INBOX, fileInbox, inbox } from './inbox.js';
import { keepRead } from './memory.js';
import { client, patiently } from './session.js';
import { store } from './store.js';

export function markRead(talk) {
  if (talk.newest <= talk.readSeq) return;
  talk.markRead();
  keepRead(talk.id, talk.readSeq);
  store.changed('unread', talk);
}

/** Fetch what came before the oldest that we have. */
export async function loadOlder(talk) {
  if (talk.loading || !talk.more || !client.isOpen) return;
  talk.loading = true;
  try {
    // A private conversation that let entries go reaches less far back than the inbox.
    const trimmed = talk.peer && talk.trimmedSeq >= inbox.oldest;
    const before = talk.peer && !trimmed ? inbox.oldest : talk.oldest;
    const room = talk.peer ? INBOX : talk.room;
    const page = await patiently(() => client.request('history', { room, before, limit: 100 }));
    const had = talk.entries.length;
    if (trimmed) {
      talk.add(page.events.filter(({ from, to }) => from.id === talk.peer.id || to.id === talk.peer.id), store.me);
      talk.oldest = page.events[0]?.seq ?? 0;
      if (talk.oldest <= inbox.oldest) talk.trimmedSeq = 0;
    } else if (talk.peer) fileInbox(page.events, page.more);
    else talk.add(page.events, store.me);
    talk.barren = talk.entries.length > had ? 0 : talk.barren + 1;
    talk.more = page.more;
  } finally {
    talk.loading = false;
    store.changed('entries', talk, { older: true });
  }
}

/** Show the newest again of a conversation that was read far back while more came than is kept. */
export async function loadNewest(talk) {
  if (!talk.behind || talk.loading) return;
  talk.loading = true;
  try {
    const page = await patiently(() => client.request('history', { room: talk.peer ? INBOX : talk.room, limit: 100 }));
    const events = talk.peer ? page.events.filter(({ from, to }) => from.id === talk.peer.id || to.id === talk.peer.id) : page.events;
    talk.reset(events, page.more);
    if (talk.peer) talk.trimmedSeq = page.events[0]?.seq ?? 0;
    if (talk.peer) talk.oldest = talk.trimmedSeq;
  } finally {
    talk.loading = false;
    store.changed('entries', talk);
  }
}
