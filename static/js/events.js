/**
 * Between the wire and the store: joins what is to be joined, and files what arrives where it belongs.
 */
import { comeIn, enterWanted, goOut } from './entering.js';
import { file } from './filing.js';
import { Game } from './game/model.js';
import { INBOX, enterInbox, hearPrivate, resetInbox } from './inbox.js';
import { elsewhere, isWanted, keepRead, readUpTo, unwant } from './memory.js';
import { heardName, renaming } from './names.js';
import { onOtherTabs, person } from './prefs.js';
import { satDown, seatHere, standUp } from './seats.js';
import { client } from './session.js';
import { store } from './store.js';
import { Talk } from './talk.js';

const TYPING_MS = 5_000;

/** Listen to the connection and to the other tabs. */
export function startEvents() {
  client.addEventListener('state', changeState);
  client.addEventListener('user', ({ detail }) => {
    person.write('me', { id: detail.id, name: detail.name });
    becomeKnownAs(detail);
  });
  onOtherTabs('me', followPerson);
  onOtherTabs('token', () => {
    if (client.state.final && client.state.state === 'closed') client.connect();
  });
  elsewhere.addEventListener('rooms', followRooms);
  elsewhere.addEventListener('read', () => {
    for (const talk of store.talks.values()) if (talk.readTo(readUpTo(talk.id) ?? 0)) store.changed('unread', talk);
  });
  renaming.addEventListener('change', () => store.changed('names'));
  client.addEventListener('entered', entered);
  client.addEventListener('lost', lostRoom);
  client.addEventListener('private', ({ detail }) => hearPrivate(detail));
  client.addEventListener('renamed', renamed);
  client.addEventListener('private_typing', privateTyping);
  client.addEventListener('tick', ({ detail }) => store.changed('tick', null, detail));
  client.addEventListener('event', fileEvent);
}

function enterAll() {
  enterInbox();
  enterWanted();
}

function changeState({ detail }) {
  // A better transport takes over: nobody is away.
  if (detail.replaces) return;
  store.connection = detail;
  store.changed('connection');
  if (detail.state === 'open') enterAll();
  if (detail.state === 'closed') for (const talk of store.talks.values()) talk.typing.clear();
}

function becomeKnownAs(user) {
  store.me = user;
  heardName(user);
  for (const talk of store.talks.values()) talk.rename(user);
  store.changed('me');
}

// Tabs of a browser are one person: what happens to that person in one tab happens in all of them.
function followPerson() {
  const me = person.read('me', null);
  if (!me || !store.me) return;
  if (me.id !== store.me.id) location.reload();
  else if (me.name !== store.me.name) becomeKnownAs(me);
}

function followRooms() {
  if (client.isOpen) enterAll();
  for (const talk of [...store.talks.values()]) {
    if (talk.room && talk.entered && talk !== store.current && !isWanted(talk.room) && !seatHere(talk.room)) goOut(talk);
  }
}

function entered({ detail: { room, reply, reset } }) {
  if (room === INBOX) {
    if (reset) resetInbox(reply);
    return;
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
}

function lostRoom({ detail: { room, error } }) {
  const talk = store.talkOf(room);
  if (error.code === 'forbidden' && seatHere(room)) {
    // Another session has taken our seat under a new secret: we come as whoever we are now.
    standUp(room, { forgotten: true });
    return comeIn({ room }).catch((again) => lose(talk, room, again));
  }
  return lose(talk, room, error);
}

function lose(talk, room, error) {
  unwant(room);
  if (talk) store.changed('lost', talk, { error });
}

function renamed({ detail }) {
  heardName(detail.user);
  for (const talk of store.talks.values()) {
    talk.rename(detail.user);
    store.changed('members', talk);
    if (talk.game) store.changed('game', talk);
  }
  store.changed('talks');
}

function privateTyping({ detail: { user, on } }) {
  heardName(user);
  const talk = store.talks.get(`with:${user.id}`);
  if (!talk || user.id === store.me?.id) return;
  if (on) talk.typing.set(user.id, { ...user, until: Date.now() + TYPING_MS });
  else talk.typing.delete(user.id);
  store.changed('typing', talk);
}

function fileEvent({ detail: event }) {
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
