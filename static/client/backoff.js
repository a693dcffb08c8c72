/**
 * Exponential backoff with full jitter: how long to wait before the next attempt to connect.
 *
 * Full jitter spreads a crowd that lost the same server over the whole window, where a fixed
 * ladder would have it come back in waves.
 */

/** The shortest wait, in milliseconds. */
export const DELAY_MIN_MS = 500;

/** The longest wait, in milliseconds. */
export const DELAY_MAX_MS = 20_000;

/** A connection that lived this long counts as a success, in milliseconds: the next loss begins anew. */
export const STABLE_AFTER_MS = 5_000;

/**
 * The wait before attempt number `attempt`.
 *
 * @param {number} attempt how many attempts have failed in a row, from 0
 * @param {() => number} random a number in [0, 1)
 * @param {number} [floorMs] the least that the server asked for (`reconnect_after_ms`); the jitter comes on top
 * @returns {number} milliseconds, between {@link DELAY_MIN_MS} and {@link DELAY_MAX_MS} unless the floor asks for more
 */
export function backoffDelay(attempt, random, floorMs = 0) {
  const ceiling = Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** Math.min(attempt + 1, 16));
  const jittered = DELAY_MIN_MS + random() * (ceiling - DELAY_MIN_MS);
  return Math.round(floorMs > 0 ? floorMs + jittered - DELAY_MIN_MS : jittered);
}
