/** Going places: which conversation, game or replay is in view, and what the address bar says. */
import { attempt, note } from './announce.js';
import { t } from './i18n.js';
import { showPanel } from './panels.js';
import { ask } from './dialogs.js';
import { h } from './dom.js';
import { comeIn, enter, leave, sitBack, wayTo } from './entering.js';
import { isAlike } from './alike.js';
import { closePrivate, talkWith } from './inbox.js';
import { accessTo, isWanted, keepPeer, peerOf, remember, roomOfKey } from './memory.js';
import { onNotificationClick } from './notify.js';
import { HOME, formatAddress, parseAddress } from './router.js';
import { client, opened } from './session.js';
import { store } from './store.js';
import { Talk } from './talk.js';
import { talkTitle } from './titles.js';
import { errorWords } from './wrong.js';

/** Counts departures: an arrival that was overtaken by another must not show itself. */
let journey = 0;

export function startNavigation() {
  window.addEventListener('popstate', () => arrive(parseAddress(location)));
  store.on('lost', ({ talk, error }) => {
    note(t('room_lost', { room: talkTitle(talk), why: errorWords(error) }));
    if (talk === store.current) go({ room: HOME });
    store.talks.delete(talk.id);
    store.changed('talks');
  });
  onNotificationClick((address) => {
    showPanel('talk');
    arrive(parseAddress(new URL(address, location.origin)), { push: true, focus: true });
  });
  arrive(parseAddress(location), { replace: true });
}

/**
 * Go somewhere because a person asked for it.
 *
 * @param {{room: string} | {peer: {id: string, name: string}} | {replay: object}} where
 */
export function go({ room, peer, replay }) {
  showPanel('talk');
  if (peer) {
    keepPeer(peer);
    return arrive({ to: 'peer', id: peer.id }, { push: true, focus: true });
  }
  if (replay) return arrive({ to: 'replay', ...replay }, { push: true, focus: true });
  return arrive(placeOf(room), { push: true, focus: true });
}

/** Take the free seat of a listed game. */
export async function sitDown(room) {
  showPanel('talk');
  const talk = await attempt(() => enter({ ...wayTo(room), sit: true }));
  if (!talk) return false;
  const sits = Boolean(talk.game?.you);
  if (talk.game && !sits) note(t('seat_gone'));
  go({ room });
  return sits;
}

export async function leaveTalk(talk) {
  if (talk.peer) closePrivate(talk);
  else await leave(talk);
  const rest = [...store.talks.values()].find((one) => one.room && one.entered);
  go({ room: rest?.room ?? HOME });
}

/** The place of a room: by its key where it has one. */
export function placeOf(room) {
  const { key, how } = accessTo(room);
  return key && how ? { to: 'key', how, key } : { to: 'room', room };
}

/** The full address to hand to somebody else. */
export function linkTo(place) {
  return `${location.origin}${location.pathname}${formatAddress(place)}`;
}

async function arrive(place, { push = false, replace = false, focus = false } = {}) {
  const mine = ++journey;
  const address = location.pathname + formatAddress(place);
  const here = location.pathname + location.search + location.hash;
  if (push && address !== here) history.pushState(null, '', address);
  // An address of the older form takes the newer one: its key is to stand in no log.
  else if (replace && address !== here) history.replaceState(null, '', address);
  if (place.to === 'peer') return show(talkWith(peerOf(place.id) ?? { id: place.id, name: t('someone') }), focus);
  if (place.to === 'replay') {
    store.replay = place;
    store.changed('replay');
    return undefined;
  }
  const known = place.to === 'room' ? place.room : roomOfKey(place.key);
  const talk = known && store.talkOf(known);
  if (talk?.entered) {
    sitBack(talk);
    return show(talk, focus);
  }
  // Something to look at while the door opens.
  show(known ? placeholder(known) : null, false);
  try {
    if (place.to === 'room' && !(await isMeant(place, () => mine === journey))) {
      forgetPlaceholder(known);
      return mine === journey ? arrive({ to: 'room', room: HOME }, { push: true, focus: true }) : undefined;
    }
    const entered = await throughTheDoor(place);
    if (mine === journey) show(entered, focus);
  } catch (error) {
    if (mine !== journey) return undefined;
    note(t('cannot_enter', { why: errorWords(error) }));
    if (place.to !== 'room' || place.room !== HOME) arrive({ to: 'room', room: HOME }, { push: true });
  }
  return undefined;
}

/** Enter once the connection stands, however often it takes. */
async function throughTheDoor(place) {
  for (;;) {
    try {
      const talk = await comeIn(place.to === 'key' ? place : { room: place.room });
      const { key, join } = accessTo(talk.room);
      if (place.to === 'key' && !key && !join) remember(talk.room, { key: place.key, how: place.how });
      return talk;
    } catch (error) {
      if (error.code !== 'connection_lost' && error.code !== 'not_connected') throw error;
    }
  }
}

/** Whether to go to a room: if there is none of that name, only who wants it made goes on. */
async function isMeant({ room, asked = true }, stillWanted) {
  if (!asked || room === HOME || isWanted(room) || store.listed.some((one) => one.room === room)) return true;
  await opened();
  try {
    await client.request('users', { room });
    return true;
  } catch (error) {
    if (error.code !== 'no_such_room') return true;
  }
  return stillWanted() ? askToCreate(room) : false;
}

async function askToCreate(room) {
  const alike = store.listed.filter((one) => one.kind === 'chat' && isAlike(one.room, room)).map((one) => one.room);
  let instead = null;
  const links = alike.slice(0, 3).map((name) =>
    h('button', { type: 'button', class: 'button', onClick: (event) => {
      instead = name;
      event.target.closest('dialog').close();
    } }, `#${name}`));
  const body = [h('p', null, t('no_room_text', { room })), ...(links.length ? [h('div', { class: 'settings-actions' }, h('span', { class: 'legend' }, t('did_you_mean')), ...links)] : [])];
  const wanted = await ask({ title: t('no_room_title'), body, confirm: t('create_room') });
  if (instead) go({ room: instead });
  return wanted && !instead;
}

function forgetPlaceholder(room) {
  const talk = store.talkOf(room);
  if (talk && !talk.entered) store.talks.delete(talk.id);
}

function placeholder(room) {
  const id = `room:${room}`;
  if (!store.talks.has(id)) store.talks.set(id, new Talk(id, { name: room, room, kind: 'chat' }));
  return store.talks.get(id);
}

function show(talk, focus) {
  store.replay = null;
  store.current = talk;
  store.changed('replay');
  store.changed('current', talk, { focus });
}
