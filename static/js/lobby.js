/** Games to find: a seat at any table that waits, one of one's own, or a challenge to somebody. */
import { attempt, note } from './announce.js';
import { enter } from './entering.js';
import { t } from './i18n.js';
import { talkWith } from './inbox.js';
import { accessTo, remember } from './memory.js';
import { go, linkTo, sitDown } from './navigate.js';
import { nameOf } from './names.js';
import { send } from './outgoing.js';
import { client, opened, patiently } from './session.js';

/** A finished or empty table leaves the list after so long, in milliseconds. It stays as long as any room. */
const LISTED_MS = 60 * 60_000;

/** Whether a table stands in the list of games. */
export function isShown(table, now) {
  if (table.talk) return true;
  const isIdle = table.game?.status === 'over' || table.online === 0;
  return !isIdle || now - Date.parse(table.last_at ?? 0) < LISTED_MS;
}

/** Whether somebody sits at a table and waits for another. */
export function waitsForPlayer(table) {
  return table.kind === 'connect4' && (table.seats_free ?? 0) > 0 && table.online > 0;
}

/** Sit down at a table that waits, or open one. */
export async function playNow() {
  await opened();
  const page = await attempt(() => patiently(() => client.request('rooms')));
  if (!page) return;
  const waiting = page.rooms.filter((table) => waitsForPlayer(table) && !Object.keys(accessTo(table.room).seats ?? {}).length);
  waiting.sort((one, other) => Date.parse(other.last_at ?? 0) - Date.parse(one.last_at ?? 0));
  for (const { room } of waiting) {
    if (await sitDown(room)) return;
  }
  const room = await attempt(() => openTable({ unlisted: false }));
  if (room) go({ room });
}

/** Make a game, and take its red seat. Answers its room. */
export async function openTable({ name = '', unlisted }) {
  const { room, join, watch, seat } = await client.request('create', { kind: 'connect4', ...(name ? { room: name } : {}), unlisted });
  remember(room, { join, watch, ...(unlisted ? { key: watch, how: 'watch' } : {}) });
  await enter(unlisted ? { key: watch, seat } : { room, seat });
  return room;
}

/** Open a game that only somebody else can sit down at, and send them the invitation. */
export async function challenge(user) {
  const room = await attempt(() => openTable({ unlisted: true }));
  if (!room) return;
  const link = linkTo({ to: 'key', how: 'join', key: accessTo(room).join });
  send(talkWith(user), t('challenge_text', { link }));
  note(t('challenged', { name: nameOf(user) }));
  go({ room });
}

/** The link to hand on of a room: of a game that waits, the invitation. */
export function linkOf(talk) {
  const { key, how, join, watch } = accessTo(talk.room);
  if (talk.game?.status === 'waiting' && join) return linkTo({ to: 'key', how: 'join', key: join });
  if (how === 'watch' || (how === 'join' && watch)) return linkTo({ to: 'key', how: 'watch', key: watch ?? key });
  if (how === 'join') return linkTo({ to: 'key', how, key });
  return linkTo({ to: 'room', room: talk.room });
}

/** The games in which we hold or held a seat. */
export function isMine(table) {
  return Boolean(table.talk?.game?.you) || Object.keys(accessTo(table.room).seats ?? {}).length > 0;
}
