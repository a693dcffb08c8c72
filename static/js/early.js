/** The socket that the boot script opened before this script had come: the first one that the client asks for. */

/**
 * A `WebSocket` for the client. The first one is the early one, if there is one for that address, with what it has heard.
 *
 * @param {string} url
 * @returns {WebSocket}
 */
export function EarlySocket(url) {
  const early = globalThis.parlorEarly;
  globalThis.parlorEarly = null;
  if (early?.socket.url !== url) return new WebSocket(url);
  const { socket, heard } = early;
  // Once the client listens.
  queueMicrotask(() => {
    for (const data of heard) socket.onmessage({ data });
    if (early.closed) socket.onclose(early.closed);
  });
  return socket;
}
