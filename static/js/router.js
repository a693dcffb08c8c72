/**
 * Addresses of the page, both ways. Pure.
 *
 * `?room=NAME` a room · `#join=KEY`, `#watch=KEY` a game · `?with=ID` a person ·
 * `?replay=ROOM` a game again, with `#key=KEY` for one that is not listed, and `&game=N` for the Nth of a room's games ·
 * `#transfer=TOKEN` whoever made the link, on this device.
 *
 * Keys stand behind the `#`, which browsers send to nobody: no proxy writes them into its log. Addresses that have them
 * in the query are older, and still understood.
 */

/** Where one arrives without an address. */
export const HOME = 'lobby';

/**
 * @param {{search: string, hash: string}} address of a location
 * @returns {{to: 'room', room: string, asked: boolean} | {to: 'key', how: 'join' | 'watch', key: string} | {to: 'peer', id: string}
 *   | {to: 'replay', room: string | null, key: string | null, game: number | null} | {to: 'transfer', token: string}}
 */
export function parseAddress({ search, hash }) {
  const query = new URLSearchParams(search);
  const secret = new URLSearchParams(hash.replace(/^#/, ''));
  const key = (name) => secret.get(name) || query.get(name);
  if (secret.get('transfer')) return { to: 'transfer', token: secret.get('transfer') };
  if (query.has('replay')) {
    const game = Number.parseInt(query.get('game') ?? '', 10);
    return { to: 'replay', room: query.get('replay') || null, key: key('key') ?? key('watch') ?? key('join'), game: game >= 1 ? game : null };
  }
  for (const how of ['join', 'watch']) if (key(how)) return { to: 'key', how, key: key(how) };
  if (query.get('with')) return { to: 'peer', id: query.get('with') };
  return { to: 'room', room: query.get('room') || HOME, asked: query.has('room') };
}

/** The address of a place, behind the path: the other way round. */
export function formatAddress(place) {
  const query = new URLSearchParams();
  const secret = new URLSearchParams();
  if (place.to === 'room') query.set('room', place.room);
  if (place.to === 'key') secret.set(place.how, place.key);
  if (place.to === 'peer') query.set('with', place.id);
  if (place.to === 'transfer') secret.set('transfer', place.token);
  if (place.to === 'replay') {
    query.set('replay', place.room ?? '');
    if (place.key) secret.set('key', place.key);
    if (place.game) query.set('game', place.game);
  }
  return `${query.size ? `?${query}` : ''}${secret.size ? `#${secret}` : ''}`;
}
