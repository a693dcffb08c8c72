/**
 * Addresses of the page, both ways. Pure.
 *
 * `?room=NAME` a room · `?join=KEY`, `?watch=KEY` a game · `?with=ID` a person ·
 * `?replay=ROOM` a game again, with `&key=KEY` for one that is not listed, and `&game=N` for the Nth of a room's games.
 */

/** Where one arrives without an address. */
export const HOME = 'lobby';

/**
 * @param {string} search of a location
 * @returns {{to: 'room', room: string} | {to: 'key', how: 'join' | 'watch', key: string} | {to: 'peer', id: string}
 *   | {to: 'replay', room: string | null, key: string | null, game: number | null}}
 */
export function parseAddress(search) {
  const query = new URLSearchParams(search);
  if (query.has('replay')) {
    const game = Number.parseInt(query.get('game') ?? '', 10);
    return { to: 'replay', room: query.get('replay') || null, key: query.get('key') ?? query.get('watch') ?? query.get('join'), game: game >= 1 ? game : null };
  }
  for (const how of ['join', 'watch']) if (query.get(how)) return { to: 'key', how, key: query.get(how) };
  if (query.get('with')) return { to: 'peer', id: query.get('with') };
  return { to: 'room', room: query.get('room') || HOME };
}

/** The address of a place: the other way round. */
export function formatAddress(place) {
  const query = new URLSearchParams();
  if (place.to === 'room') query.set('room', place.room);
  if (place.to === 'key') query.set(place.how, place.key);
  if (place.to === 'peer') query.set('with', place.id);
  if (place.to === 'replay') {
    query.set('replay', place.room ?? '');
    if (place.key) query.set('key', place.key);
    if (place.game) query.set('game', place.game);
  }
  return `?${query}`;
}
