/**
 * Private conversations: the inbox is one log on the wire, and a conversation with each person here.
 */
import { file } from './filing.js';
import { isClosed, keepClosed, keepPeer, readUpTo } from './memory.js';
import { heardName } from './names.js';
import { client, patiently } from './session.js';
import { store } from './store.js';
import { Talk } from './talk.js';

/** The inbox's name as a room. */
export const INBOX = '@inbox';

const INBOX_PAGE = 500;

/** How many private conversations are kept; the ones silent longest go first, and come back with their next message. */
const PRIVATES_MAX = 300;

/** How far back the inbox is known: `oldest` is the first `seq`, `more` whether there are older ones. */
export const inbox = { oldest: Infinity, more: false, entered: false, epoch: null };

/** Join the inbox, once. */
export function enterInbox() {
  if (inbox.entered) return;
  inbox.entered = true;
  patiently(() => client.join({ room: INBOX, limit: INBOX_PAGE })).catch(() => {
    inbox.entered = false;
  });
}

/** The inbox's log is another one than ours, or we have none: it follows from its newest page. */
export function resetInbox({ epoch, events }) {
  Object.assign(inbox, { oldest: Infinity, more: false, entered: true, epoch });
  for (const talk of store.talks.values()) {
    if (!talk.peer) continue;
    talk.beginAnew(epoch);
    talk.reset([], false);
  }
  const first = events[0]?.seq ?? 0;
  fileInbox([], first > 1);
}

/** The private conversation with a person, made on first need. */
export function talkWith(peer) {
  const id = `with:${peer.id}`;
  let talk = store.talks.get(id);
  if (!talk) {
    keepPeer(peer);
    makeRoomForPrivate();
    talk = new Talk(id, { name: peer.name, peer, kind: 'private' });
    talk.readSeq = readUpTo(id) ?? 0;
    talk.entered = true;
    talk.epoch = inbox.epoch;
    talk.more = inbox.more;
    store.talks.set(id, talk);
    store.changed('talks', talk);
  }
  return talk;
}

/** Let the private conversation go that was silent longest, if there are too many. */
function makeRoomForPrivate() {
  const privates = [...store.talks.values()].filter((talk) => talk.peer && talk !== store.current && talk.pending.length === 0);
  if (privates.length < PRIVATES_MAX) return;
  store.talks.delete(privates.reduce((one, other) => (other.newest < one.newest ? other : one)).id);
}

/** Put a private conversation away: it comes back with its next message. */
export function closePrivate(talk) {
  keepClosed(talk.id, talk.newest);
  store.talks.delete(talk.id);
  store.changed('talks');
}

/** Put events of the inbox into their conversations. `more`: whether there are older ones. */
export function fileInbox(events, more) {
  for (const event of events) inbox.oldest = Math.min(inbox.oldest, event.seq);
  if (more !== undefined) inbox.more = more;
  for (const event of events) filePrivate(event);
  for (const talk of store.talks.values()) if (talk.peer) talk.more = inbox.more;
}

/** A private message has come: news, unlike a page of the inbox. */
export function hearPrivate(event) {
  inbox.oldest = Math.min(inbox.oldest, event.seq);
  filePrivate(event, { event });
}

function filePrivate(event, news) {
  const mine = event.from.id === store.me?.id;
  for (const user of [event.from, event.to]) heardName(user, Date.parse(event.at));
  const peer = mine ? event.to : event.from;
  if (!store.talks.has(`with:${peer.id}`) && isClosed(`with:${peer.id}`, event.seq)) return;
  const talk = talkWith(peer);
  file(talk, event);
  if (mine) talk.arrived(event);
  else talk.typing.delete(event.from.id);
  store.changed('entries', talk, news);
}
