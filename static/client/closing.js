/**
 * What a close code asks of a client: to come back, or to stay away.
 */

/** Our own code for a connection that stopped answering: come back. */
export const CODE_NO_ANSWER = 4001;

/** RFC 6455 codes after which the same client would only be closed again. */
const FINAL = new Set([
  1000, // a normal end: nobody asked us back
  1002, // we broke the protocol
  1003, // we sent what the server cannot take
  1007, // we sent text that is not UTF-8
  1009, // we sent too much at once
  1010, // we wanted an extension that the server lacks
]);

/**
 * Whether a client may reconnect by itself after `code`.
 *
 * 4000–4499 say "come back", 4500–4999 "do not"; what the network did (1001, 1005, 1006, 1011–1015) is
 * always worth another try.
 *
 * @param {number} code
 * @returns {boolean}
 */
export function mayReconnect(code) {
  if (code >= 4500 && code <= 4999) return false;
  return !FINAL.has(code);
}
