/**
 * Everything the client touches outside itself, as a browser has it. Each can be handed in instead, for a test or
 * another place to run.
 */
export function surroundings() {
  return {
    tokenKey: 'parlor.token',
    storage: forgetful(),
    WebSocket: globalThis.WebSocket,
    random: Math.random,
    now: Date.now,
    setTimer: (callback, ms) => setTimeout(callback, ms),
    clearTimer: (timer) => clearTimeout(timer),
    window: globalThis.window,
    document: globalThis.document,
  };
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
