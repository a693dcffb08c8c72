/**
 * Between the wire and the store: joins what is to be joined, and files what arrives where it belongs.
 */
import { ParlorClient } from '../client.js';
import { Game } from './game/model.js';
import { tab, tokenStorage } from './prefs.js';
import { store } from './store.js';
import { Talk } from './talk.js';

const INBOX = '@inbox';
const INBOX_PAGE = 500;
const TYPING_MS = 5_000;

const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';

export const client = new ParlorClient(`${scheme}//${location.host}/ws`, { storage: tokenStorage, tokenKey: 'token' });

/** What opens a room and where we sit in it: `{ROOM: {key?, seat?, join?, watch?}}`. Never in an address by itself. */
const access = tab.read('access', {});

/** Rooms to be in, whether the connection stands or not. */
const wanted = new Set(tab.read('rooms', []));

/** Where each conversation has been read to, by talk id. */
const read = tab.read('read', {});

let inbox = { oldest: Infinity, more: false, entered: false, epoch: null };

export function accessTo(room) {
  return access[room] ?? {};
}

/** The room that one of our own keys belongs to: who opens the invitation they gave is back at their table. */
export function roomOfKey(key) {
  return Object.keys(access).find((room) => [access[room].key, access[room].join, access[room].watch].includes(key));
}

/** Remember what a room's `create` or `join` gave us. */
export function remember(room, secrets) {
  access[room] = { ...access[room], ...Object.fromEntries(Object.entries(secrets).filter(([, value]) => value)) };
  tab.write('access', access);
}

/** Enter a room and stay in it over reloads. Resolves with its talk; rejects with the server's refusal. */
export async function enter(target) {
  const reply = await patiently(() => client.join(target));
  wanted.add(reply.room);
  keepRooms();
  return store.talkOf(reply.room);
}

/** What a join needs for a room we may have been in before. */
export function targetFor(room) {
  const { key, seat } = accessTo(room);
  return { ...(key ? { key } : { room }), seat };
}

export async function leave(talk) {
  wanted.delete(talk.room);
  keepRooms();
  store.talks.delete(talk.id);
  store.changed('talks');
  await client.leave(talk.room).catch(() => {});
}

export function markRead(talk) {
  if (talk.newest <= talk.readSeq) return;
  talk.markRead();
  keepRead(talk);
  store.changed('unread', talk);
}

/** The private conversation with a person, made on first need. */
export function talkWith(peer) {
  const id = `with:${peer.id}`;
  let talk = store.talks.get(id);
  if (!talk) {
    talk = new Talk(id, { name: peer.name, peer, kind: 'private' });
    talk.readSeq = read[id] ?? 0;
    talk.entered = true;
    talk.epoch = inbox.epoch;
    talk.more = inbox.more;
    store.talks.set(id, talk);
    store.changed('talks', talk);
  }
  return talk;
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

function keepRead(talk) {
  read[talk.id] = talk.readSeq;
  tab.write('read', read);
}

function keepRooms() {
  tab.write('rooms', [...wanted]);
}

async function enterWanted() {
  if (!inbox.entered) {
    inbox.entered = true;
    patiently(() => client.join({ room: INBOX, limit: INBOX_PAGE })).catch(() => {
      inbox.entered = false;
    });
  }
  for (const room of wanted) {
    if (store.talkOf(room)?.entered || store.talkOf(room) === store.current) continue;
    enter(targetFor(room)).catch((error) => {
      if (error.code === 'connection_lost' || error.code === 'not_connected') return;
      wanted.delete(room);
      keepRooms();
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
  const talk = talkWith(mine ? event.to : event.from);
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
  store.me = detail;
  for (const talk of store.talks.values()) talk.rename(detail);
  store.changed('me');
});

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
  talk.members = new Map(reply.members.map((member) => [member.id, member]));
  talk.online = reply.online;
  talk.crowd = reply.online > reply.members.length;
  talk.beginAnew(reply.epoch);
  if (reset) talk.reset([], (reply.events[0]?.seq ?? 1) > 1);
  if (isNew) talk.readSeq = read[id] ?? reply.seq;
  // A log that was begun anew has nothing of what was read.
  if (talk.readSeq > reply.seq) talk.readSeq = 0;
  keepRead(talk);
  if (reply.game) {
    talk.game = new Game(reply.game, reply.seq);
    for (const member of talk.members.values()) talk.rename(member);
    if (reply.game.seat) remember(room, { seat: reply.game.seat });
  }
  if (reply.kind === 'counter') talk.counter = counterOf(reply, talk.counter);
  store.talks.set(id, talk);
  for (const what of ['talks', 'members', 'game', 'counter', 'entries']) store.changed(what, talk);
});

client.addEventListener('lost', ({ detail: { room, error } }) => {
  const talk = store.talkOf(room);
  wanted.delete(room);
  keepRooms();
  if (talk) store.changed('lost', talk, { error });
});

client.addEventListener('private', ({ detail }) => fileInbox([detail]));

client.addEventListener('renamed', ({ detail }) => {
  for (const talk of store.talks.values()) {
    talk.rename(detail.user);
    store.changed('members', talk);
    if (talk.game) store.changed('game', talk);
  }
  store.changed('talks');
});

client.addEventListener('tick', ({ detail }) => store.changed('tick', null, detail));

client.addEventListener('event', ({ detail: event }) => {
  const talk = event.room && store.talkOf(event.room);
  if (!talk) return;
  if (talk.game?.apply(event)) store.changed('game', talk, { event });
  if (event.seq !== undefined) return fileSequenced(talk, event);
  const { user } = event;
  if (event.type === 'joined') {
    talk.members.set(user.id, user);
    talk.rename(user);
    if (talk.game) store.changed('game', talk);
  }
  if (event.type === 'left') talk.members.delete(user.id);
  if (event.online !== undefined) talk.online = event.online;
  if (event.type === 'crowd') talk.crowd = true;
  else if (event.type === 'joined' || event.type === 'left') talk.crowd = talk.online > talk.members.size;
  if (event.type === 'typing' && user.id !== store.me?.id) {
    talk.typing.set(user.id, { name: user.name, until: Date.now() + TYPING_MS });
    store.changed('typing', talk);
  }
  if (event.online !== undefined) store.changed('members', talk, { event });
});

/** Put an event into its conversation. Only the one in view keeps many. */
function file(talk, event) {
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
