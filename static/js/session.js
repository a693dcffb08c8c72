/**
 * Between the wire and the store: joins what is to be joined, and files what arrives where it belongs.
 */
import { ParlorClient } from '../client.js';
import { Game } from './game/model.js';
import { accessTo, elsewhere, isClosed, isWanted, keepClosed, keepPeer, keepRead, readUpTo, roomOfKey, unwant, want, wantedRooms } from './memory.js';
import { heardName, renaming } from './names.js';
import { onOtherTabs, person, tokenStorage } from './prefs.js';
import { ownFreeSeat, reloadsAreOver, satDown, seatHere, standUp } from './seats.js';
import { store } from './store.js';
import { Talk } from './talk.js';

const INBOX = '@inbox';
const INBOX_PAGE = 500;
const TYPING_MS = 5_000;

/** How many private conversations are kept; the ones silent longest go first, and come back with their next message. */
const PRIVATES_MAX = 300;

const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';

export const client = new ParlorClient(`${scheme}//${location.host}/ws`, { storage: tokenStorage, tokenKey: 'token' });

let inbox = { oldest: Infinity, more: false, entered: false, epoch: null };

/** Enter a room and stay in it over reloads. Resolves with its talk; rejects with the server's refusal. */
export async function enter(target) {
  const reply = await patiently(() => client.join(target));
  if (reply.game && target.seat) satDown(reply.room, reply.game.you, target.seat);
  want(reply.room);
  return store.talkOf(reply.room);
}

/**
 * Enter a room as an address or a click asks for it. Of a game, this tab's own seat is taken, else a seat of ours that
 * no session holds, else, with the invitation, the free one.
 *
 * @param {{room?: string, key?: string, how?: 'join' | 'watch'}} place
 */
export async function comeIn({ room = null, key = null, how = null }) {
  const known = room ?? roomOfKey(key);
  const seat = known && seatHere(known);
  if (seat) {
    try {
      return await enter({ ...wayTo(known, key), seat });
    } catch (error) {
      if (error.code !== 'forbidden') throw error;
      standUp(known, { forgotten: true });
    }
  }
  const { seats = {}, join, watch } = known ? accessTo(known) : {};
  if (Object.keys(seats).length === 0) return enter(key ? { key } : wayTo(known));
  const looking = watch ? { key: watch } : wayTo(known, key);
  // Without the key to watch, joining is sitting down: a tab that loads again must be back first.
  if (!watch && looking.key) await reloadsAreOver(known);
  const talk = await enter(looking);
  if (!talk.game || talk.game.you) return talk;
  if (how === 'join' && join && !ownFreeSeat(known, talk.game.players)) return enter({ key: join });
  sitBack(talk, looking);
  return talk;
}

/** What a join needs for a room we may have been in before. */
export function wayTo(room, key = accessTo(room).key) {
  return key ? { key } : { room };
}

/** Take a seat of ours that nobody holds, once no tab can be in the middle of a reload. */
export async function sitBack(talk, way = wayTo(talk.room)) {
  if (!talk.game || talk.game.you) return;
  if (!ownFreeSeat(talk.room, talk.game.players)) return;
  try {
    await reloadsAreOver(talk.room);
    // Nobody is told of a player whose other session has come back to a seat: so look again.
    if (isWanted(talk.room)) await enter(way);
    const seat = ownFreeSeat(talk.room, talk.game.players);
    if (seat && !talk.game.you && isWanted(talk.room)) await enter({ ...way, seat });
  } catch {
    // Then we watch; a click on the game tries again.
  }
}

export async function leave(talk) {
  unwant(talk.room);
  standUp(talk.room);
  await goOut(talk);
}

async function goOut(talk) {
  store.talks.delete(talk.id);
  store.changed('talks');
  await client.leave(talk.room).catch(() => {});
}

export function markRead(talk) {
  if (talk.newest <= talk.readSeq) return;
  talk.markRead();
  keepRead(talk.id, talk.readSeq);
  store.changed('unread', talk);
}

/** Put a private conversation away: it comes back with its next message. */
export function closePrivate(talk) {
  keepClosed(talk.id, talk.newest);
  store.talks.delete(talk.id);
  store.changed('talks');
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

/** Do `ask` again as long as the server only says "not so fast". */
export async function patiently(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== 'rate_limited') throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? 1000));
    }
  }
}

/** Resolves once the connection stands. */
export function opened() {
  if (client.isOpen) return Promise.resolve();
  return new Promise((resolve) => {
    client.addEventListener('state', function check() {
      if (!client.isOpen) return;
      client.removeEventListener('state', check);
      resolve();
    });
  });
}

async function enterWanted() {
  if (!inbox.entered) {
    inbox.entered = true;
    patiently(() => client.join({ room: INBOX, limit: INBOX_PAGE })).catch(() => {
      inbox.entered = false;
    });
  }
  for (const room of wantedRooms()) {
    if (store.talkOf(room)?.entered || store.talkOf(room) === store.current) continue;
    comeIn({ room }).catch((error) => {
      if (!['connection_lost', 'not_connected', 'timeout', 'unavailable'].includes(error.code)) unwant(room);
    });
  }
}

function fileInbox(events, more) {
  for (const event of events) inbox.oldest = Math.min(inbox.oldest, event.seq);
  if (more !== undefined) inbox.more = more;
  for (const event of events) filePrivate(event);
  for (const talk of store.talks.values()) if (talk.peer) talk.more = inbox.more;
}

function filePrivate(event) {
  const mine = event.from.id === store.me?.id;
  for (const user of [event.from, event.to]) heardName(user, Date.parse(event.at));
  const peer = mine ? event.to : event.from;
  if (!store.talks.has(`with:${peer.id}`) && isClosed(`with:${peer.id}`, event.seq)) return;
  const talk = talkWith(peer);
  file(talk, event);
  if (mine) talk.arrived(event);
  else talk.typing.delete(event.from.id);
  store.changed('entries', talk);
}

client.addEventListener('state', ({ detail }) => {
  store.connection = detail;
  store.changed('connection');
  if (detail.state === 'open') enterWanted();
  if (detail.state === 'closed') for (const talk of store.talks.values()) talk.typing.clear();
});

client.addEventListener('user', ({ detail }) => {
  person.write('me', { id: detail.id, name: detail.name });
  becomeKnownAs(detail);
});

function becomeKnownAs(user) {
  store.me = user;
  heardName(user);
  for (const talk of store.talks.values()) talk.rename(user);
  store.changed('me');
}

// Tabs of a browser are one person: what happens to that person in one tab happens in all of them.
onOtherTabs('me', () => {
  const me = person.read('me', null);
  if (!me || !store.me) return;
  if (me.id !== store.me.id) location.reload();
  else if (me.name !== store.me.name) becomeKnownAs(me);
});

onOtherTabs('token', () => {
  if (client.state.final && client.state.state === 'closed') client.connect();
});

elsewhere.addEventListener('rooms', () => {
  if (client.isOpen) enterWanted();
  for (const talk of [...store.talks.values()]) {
    if (talk.room && talk.entered && talk !== store.current && !isWanted(talk.room) && !seatHere(talk.room)) goOut(talk);
  }
});

elsewhere.addEventListener('read', () => {
  for (const talk of store.talks.values()) if (talk.readTo(readUpTo(talk.id) ?? 0)) store.changed('unread', talk);
});

renaming.addEventListener('change', () => store.changed('names'));

client.addEventListener('entered', ({ detail: { room, reply, reset } }) => {
  if (room === INBOX) {
    if (!reset) return;
    inbox = { oldest: Infinity, more: false, entered: true, epoch: reply.epoch };
    for (const talk of store.talks.values()) {
      if (!talk.peer) continue;
      talk.beginAnew(reply.epoch);
      talk.reset([], false);
    }
    const first = reply.events[0]?.seq ?? 0;
    return fileInbox([], first > 1);
  }
  const id = `room:${room}`;
  const talk = store.talks.get(id) ?? new Talk(id, { name: room, room, kind: reply.kind });
  const isNew = !talk.entered;
  talk.entered = true;
  talk.kind = reply.kind;
  for (const member of reply.members) heardName(member);
  talk.members = new Map(reply.members.map((member) => [member.id, member]));
  talk.online = reply.online;
  talk.crowd = reply.online > reply.members.length;
  talk.beginAnew(reply.epoch);
  if (reset) talk.reset([], (reply.events[0]?.seq ?? 1) > 1);
  if (isNew) talk.readSeq = readUpTo(id) ?? reply.seq;
  // A log that was begun anew has nothing of what was read.
  if (talk.readSeq > reply.seq) talk.readSeq = 0;
  keepRead(id, talk.readSeq);
  if (reply.game) {
    talk.game = new Game(reply.game, reply.seq);
    for (const member of talk.members.values()) talk.rename(member);
    if (reply.game.seat) satDown(room, reply.game.you, reply.game.seat);
    for (const seat of Object.values(talk.game.players)) if (seat) heardName(seat);
  }
  if (reply.kind === 'counter') talk.counter = counterOf(reply, talk.counter);
  store.talks.set(id, talk);
  for (const what of ['talks', 'members', 'game', 'counter', 'entries']) store.changed(what, talk);
});

client.addEventListener('lost', ({ detail: { room, error } }) => {
  const talk = store.talkOf(room);
  if (error.code === 'forbidden' && seatHere(room)) {
    // Another session has taken our seat under a new secret: we come as whoever we are now.
    standUp(room, { forgotten: true });
    return comeIn({ room }).catch((again) => lose(talk, room, again));
  }
  return lose(talk, room, error);
});

function lose(talk, room, error) {
  unwant(room);
  if (talk) store.changed('lost', talk, { error });
}

client.addEventListener('private', ({ detail }) => fileInbox([detail]));

client.addEventListener('renamed', ({ detail }) => {
  heardName(detail.user);
  for (const talk of store.talks.values()) {
    talk.rename(detail.user);
    store.changed('members', talk);
    if (talk.game) store.changed('game', talk);
  }
  store.changed('talks');
});

client.addEventListener('private_typing', ({ detail: { user, on } }) => {
  heardName(user);
  const talk = store.talks.get(`with:${user.id}`);
  if (!talk || user.id === store.me?.id) return;
  if (on) talk.typing.set(user.id, { ...user, until: Date.now() + TYPING_MS });
  else talk.typing.delete(user.id);
  store.changed('typing', talk);
});

client.addEventListener('tick', ({ detail }) => store.changed('tick', null, detail));

client.addEventListener('event', ({ detail: event }) => {
  const talk = event.room && store.talkOf(event.room);
  if (!talk) return;
  if (talk.game?.apply(event)) store.changed('game', talk, { event });
  if (event.seq !== undefined) return fileSequenced(talk, event);
  const { user } = event;
  if (user) heardName(user);
  if (event.type === 'joined') {
    talk.members.set(user.id, user);
    talk.rename(user);
    if (talk.game) store.changed('game', talk);
  }
  if (event.type === 'left') talk.members.delete(user.id);
  if (event.type === 'typing_ended' && talk.typing.delete(user.id)) store.changed('typing', talk);
  if (event.online !== undefined) talk.online = event.online;
  if (event.type === 'crowd') talk.crowd = true;
  else if (event.type === 'joined' || event.type === 'left') talk.crowd = talk.online > talk.members.size;
  if (event.type === 'typing' && user.id !== store.me?.id) {
    talk.typing.set(user.id, { ...user, until: Date.now() + TYPING_MS });
    store.changed('typing', talk);
  }
  if (event.online !== undefined) store.changed('members', talk, { event });
});

/** Put an event into its conversation. Only the one in view keeps many. */
function file(talk, event) {
  if (event.from) heardName(event.from, Date.parse(event.at));
  talk.hear(event, store.me);
  if (talk !== store.current) talk.trim('away', store.me);
}

function fileSequenced(talk, event) {
  file(talk, event);
  if (event.type === 'counted') {
    talk.counter = { value: event.value, by: event.by };
    store.changed('counter', talk);
  }
  if (event.from) {
    if (event.from.id === store.me?.id) talk.arrived(event);
    if (talk.typing.delete(event.from.id)) store.changed('typing', talk);
  }
  store.changed('entries', talk, { event });
}

/** The counter's value after a join: said by the reply, else by the newest press in it. */
function counterOf(reply, before) {
  const newest = reply.events.findLast((event) => event.type === 'counted');
  const value = reply.value ?? newest?.value ?? before?.value ?? 0;
  return { value, by: newest?.by ?? before?.by ?? null };
}
