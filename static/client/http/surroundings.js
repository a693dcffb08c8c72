/**
 * Everything besides that the transports over HTTP touch, as a browser has it.
 *
 * @param {string} url the WebSocket's; the sessions over HTTP are `api/sessions` in its directory
 */
export function httpSurroundings(url) {
  return {
    sessionsUrl: new URL('api/sessions', new URL(url, globalThis.location?.href).href.replace(/^ws/, 'http')).href,
    EventSource: globalThis.EventSource,
    fetch: (...request) => globalThis.fetch(...request),
    locks: globalThis.navigator?.locks,
    BroadcastChannel: globalThis.BroadcastChannel,
  };
}
