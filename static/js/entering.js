/**
 * Coming into rooms and leaving them: as whoever the address asks for, on a seat of ours if there is one.
 */
import { accessTo, isWanted, roomOfKey, unwant, want, wantedRooms } from './memory.js';
import { ownFreeSeat, reloadsAreOver, satDown, seatHere, standUp } from './seats.js';
import { client, patiently } from './session.js';
import { store } from './store.js';

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

/** Go out of a room and let go of its conversation. */
export async function goOut(talk) {
  store.talks.delete(talk.id);
  store.changed('talks');
  await client.leave(talk.room).catch(() => {});
}

/** Enter again what we were in before. */
export function enterWanted() {
  for (const room of wantedRooms()) {
    if (store.talkOf(room)?.entered || store.talkOf(room) === store.current) continue;
    comeIn({ room }).catch((error) => {
      if (!['connection_lost', 'not_connected', 'timeout', 'unavailable'].includes(error.code)) unwant(room);
    });
  }
}
