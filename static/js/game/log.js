/** The whole log of a room, from its first event. */
import { accessTo } from '../memory.js';
import { client, opened, patiently } from '../session.js';
import { store } from '../store.js';

const PAGE = 1000;

/**
 * Read a room's log without staying in it: who only looks at a replay is no spectator of the game.
 *
 * @param {{room: string | null, key: string | null}} place
 * @returns {Promise<{room: string, events: object[]}>}
 */
export async function fetchLog({ room, key }) {
  await opened();
  const inside = room && store.talkOf(room)?.entered;
  const proof = key ?? (room && accessTo(room).key);
  const where = proof ? { key: proof } : { room };
  // A join makes a room of a name that there is none of; a question does not.
  if (!inside && !proof) await patiently(() => client.request('users', { room })).catch((error) => {
    if (error.code === 'no_such_room') throw Object.assign(new Error(), { code: 'no_such_game' });
  });
  const reply = inside ? { room } : await patiently(() => client.request('join', { ...where, limit: PAGE }));
  const name = reply.room;
  if (!inside && reply.kind !== 'connect4') {
    client.request('leave', { room: name }).catch(() => {});
    throw Object.assign(new Error(), { code: 'no_such_game' });
  }
  let events = reply.events ?? [];
  let more = inside || (events[0]?.seq ?? 1) > 1;
  while (more) {
    const page = await patiently(() => client.request('history', { room: name, ...(events.length ? { before: events[0].seq } : {}), limit: PAGE }));
    events = [...page.events, ...events];
    more = page.more && page.events.length > 0;
  }
  if (!inside) client.request('leave', { room: name }).catch(() => {});
  return { room: name, events };
}
