import { TRANSPORTS } from './transports.js';

/**
 * Everything the client touches outside itself, as a browser has it. Each can be handed in instead, for a test or
 * another place to run.
 *
 * | name | |
 * |---|---|
 * | `WebSocket`; `EventSource`, `fetch` | the network; see `http/surroundings.js` |
 * | `locks`, `BroadcastChannel` | likewise: tabs share the connections to a server by them; without, polls are short |
 * | `random`, `now`, `setTimer`, `clearTimer` | chance and time, in milliseconds |
 * | `times` | instead of those in `transports.js`, `http/fallback.js` and `http/session.js` |
 * | `window` | `online` and `pagehide` come from it |
 * | `document` | `visibilitychange` comes from it |
 */
export function surroundings(url) {
  return {
    tokenKey: `${shelf(url)}token`,
    storage: forgetful(),
    tabStorage: forgetful(),
    transports: TRANSPORTS,
    times: {},
    WebSocket: globalThis.WebSocket,
    random: Math.random,
    now: Date.now,
    setTimer: (callback, ms) => setTimeout(callback, ms),
    clearTimer: (timer) => clearTimeout(timer),
    window: globalThis.window,
    document: globalThis.document,
  };
}

/** Two servers on one origin, below different paths, share no token. */
function shelf(url) {
  const { pathname } = new URL('.', new URL(url, globalThis.location?.href));
  return pathname === '/' ? 'parlor.' : `parlor${pathname}`;
}

/** A storage that lasts as long as the page. */
function forgetful() {
  const memory = new Map();
  return {
    getItem: (key) => memory.get(key) ?? null,
    setItem: (key, value) => memory.set(key, value),
    removeItem: (key) => memory.delete(key),
  };
}
