/**
 * Which seat of a game this tab sits on. Tabs of a browser are one person and may hold a game's seats one each: so a
 * tab keeps its own over reloads, and opening a game takes a seat of ours that no session holds.
 */
import { accessTo, forgetSeat, remember } from './memory.js';
import { person, tab } from './prefs.js';

/** A tab that has gone may be one that loads again: so long its seat is its own, in milliseconds. */
const RELOAD_MS = 5_000;

const ALIKE_MAX = 100;

/** This tab's seats: `{ROOM: SECRET}`. */
const held = tab.read('seats', {});

export function seatHere(room) {
  return held[room] ?? null;
}

/** A join gave us a seat, or took note of the one we showed. */
export function satDown(room, player, secret) {
  if (!player || !secret) return;
  held[room] = secret;
  note(secret, 0);
  const rooms = Object.keys(held);
  if (rooms.length > ALIKE_MAX) delete held[rooms[0]];
  tab.write('seats', held);
  remember(room, { seats: { [player]: secret } });
}

/** The server knows this seat by another secret, or this tab has left the game. */
export function standUp(room, { forgotten = false } = {}) {
  if (forgotten && held[room]) forgetSeat(room, held[room]);
  delete held[room];
  tab.write('seats', held);
}

/** This tab leaves all its seats for good: it becomes somebody else. */
export function standUpEverywhere() {
  for (const room of Object.keys(held)) delete held[room];
}

/**
 * A seat of ours that nobody sits on.
 *
 * @param {string} room
 * @param {Record<string, {online: boolean} | null>} players as the server says
 * @returns {string | null} its secret
 */
export function ownFreeSeat(room, players) {
  const seats = accessTo(room).seats ?? {};
  return Object.entries(seats).find(([player, secret]) => players[player] && !players[player].online && secret)?.[1] ?? null;
}

/** Resolves when no tab is in the middle of a reload that would bring it back to a seat of ours in this room. */
export async function reloadsAreOver(room) {
  const seats = Object.values(accessTo(room).seats ?? {});
  for (;;) {
    const left = person.read('left', {});
    const waits = seats.filter((secret) => secret !== held[room]).map((secret) => (left[secret] ?? 0) + RELOAD_MS - Date.now());
    const wait = Math.max(0, ...waits);
    if (wait === 0 || wait > RELOAD_MS) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 200)));
  }
}

/** Other tabs are told which seats we may be back at in a moment. */
export function startSeats() {
  const leaving = () => {
    for (const secret of Object.values(held)) note(secret, Date.now());
  };
  addEventListener('pagehide', leaving);
  // Back again, and about to sit down.
  leaving();
}

/** When a tab left a seat; 0: it is back. */
function note(secret, at) {
  const before = person.read('left', {});
  if (!at && !(secret in before)) return;
  const recent = Object.entries(before).filter(([other, when]) => other !== secret && Date.now() - when < RELOAD_MS);
  person.write('left', Object.fromEntries(at ? [...recent, [secret, at]] : recent));
}
