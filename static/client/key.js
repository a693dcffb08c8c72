/** A key for `say` and `tell` that no other client makes: 32 hexadecimal digits. */
export function newKey() {
  // Not randomUUID: it is missing where the page is served without TLS under a name.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
