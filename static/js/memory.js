/** What whoever sits here is to find again: rooms, keys to games, places read, people written to. Shared by their tabs. */
import { onOtherTabs, person } from './prefs.js';

/** How many of each are remembered; the ones used longest ago go first. */
const KEPT = { access: 300, read: 600, peers: 300, closed: 300 };

/**
 * What opens a room and which seats are ours: `{ROOM: {key?, how?, join?, watch?, seats?: {red?, yellow?}}}`.
 * Never in an address by itself.
 */
let access = person.read('access', {});

/** Where each conversation has been read to, by talk id. */
let read = person.read('read', {});

/** Whom we wrote with, by id: an address names them by id alone. */
let peers = person.read('peers', {});

/** Rooms to be in, whether the connection stands or not. */
let wanted = new Set(person.read('rooms', []));

/** Dispatches `rooms` and `read` when another tab has changed them. */
export const elsewhere = new EventTarget();

onOtherTabs('access', () => (access = person.read('access', {})));
onOtherTabs('peers', () => (peers = person.read('peers', {})));
onOtherTabs('rooms', () => {
  wanted = new Set(person.read('rooms', []));
  elsewhere.dispatchEvent(new Event('rooms'));
});
onOtherTabs('read', () => {
  read = person.read('read', {});
  elsewhere.dispatchEvent(new Event('read'));
});

export function accessTo(room) {
  return access[room] ?? {};
}

/** The room that one of our own keys belongs to: who opens the invitation they gave is back at their table. */
export function roomOfKey(key) {
  return Object.keys(access).find((room) => [access[room].key, access[room].join, access[room].watch].includes(key));
}

/** Remember what a room's `create` or `join` gave us. */
export function remember(room, { seats, ...secrets }) {
  const before = access[room] ?? {};
  const fresh = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value));
  access = person.read('access', access);
  access = newest({ ...access, [room]: undefined, [room]: { ...before, ...fresh, seats: { ...before.seats, ...seats } } }, room, KEPT.access);
  person.write('access', access);
}

/** Forget a seat's secret: the server knows another one by now. */
export function forgetSeat(room, secret) {
  const seats = Object.fromEntries(Object.entries(accessTo(room).seats ?? {}).filter(([, one]) => one !== secret));
  if (access[room]) access[room] = { ...access[room], seats };
  person.write('access', access);
}

export function readUpTo(id) {
  return read[id];
}

export function keepRead(id, seq) {
  if (read[id] === seq) return;
  read = newest({ ...person.read('read', read), [id]: seq }, id, KEPT.read);
  person.write('read', read);
}

/** Whether a private conversation was put away after that event. */
export function isClosed(id, seq) {
  return (person.read('closed', {})[id] ?? 0) >= seq;
}

export function keepClosed(id, seq) {
  person.write('closed', newest({ ...person.read('closed', {}), [id]: seq }, id, KEPT.closed));
}

export function peerOf(id) {
  return peers[id] ?? null;
}

export function keepPeer(user) {
  if (peers[user.id]?.name === user.name) return;
  peers = newest({ ...peers, [user.id]: { id: user.id, name: user.name } }, user.id, KEPT.peers);
  person.write('peers', peers);
}

export function wantedRooms() {
  return [...wanted];
}

export function isWanted(room) {
  return wanted.has(room);
}

export function want(room) {
  if (!wanted.has(room)) person.write('rooms', [...wanted.add(room)]);
}

export function unwant(room) {
  if (wanted.delete(room)) person.write('rooms', [...wanted]);
}

/** The entries of `all`, the one of `key` last, and no more than `many`. */
function newest(all, key, many) {
  const { [key]: last, ...rest } = all;
  return Object.fromEntries([...Object.entries(rest), [key, last]].slice(-many));
}
