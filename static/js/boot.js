// Names in the storage: as in base.js.
const base = new URL('.', location).pathname;
const shelf = base === '/' ? 'parlor.' : `parlor${base}`;

// Before the first paint, so that a chosen theme never flashes the other one. The rest is theme.js and i18n.js.
try {
  const theme = localStorage.getItem(`${shelf}theme`);
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme it is.
}

// The same for the language: a reader's own, before there are any words.
try {
  const chosen = JSON.parse(localStorage.getItem(`${shelf}language`));
  const wanted = chosen ?? navigator.languages.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'zh' || tag === 'en');
  if (wanted === 'zh') {
    document.documentElement.lang = 'zh-CN';
    // Its words come along with the script, not behind it.
    const words = document.createElement('link');
    words.rel = 'modulepreload';
    words.href = document.querySelector('meta[name="words-zh"]').content;
    document.head.append(words);
  }
} catch {
  // English, until the page is told otherwise.
}

// The connection needs two round trips, the script two more: so they go at once, and the client takes the socket over (early.js).
// Who brings an identity along is asked first. A tab that has just found out that no WebSocket gets through begins without
// (transports.js).
let isWithout = false;
try {
  isWithout = /\d+/.exec(sessionStorage.getItem(`${shelf}transport`))?.[0] > Date.now();
} catch {
  // Nothing is remembered.
}
if (!isWithout && !location.hash.startsWith('#transfer=')) {
  const early = { socket: new WebSocket(new URL('ws', location).href.replace('http', 'ws')), heard: [], closed: null };
  early.socket.onmessage = ({ data }) => early.heard.push(data);
  early.socket.onclose = ({ code, reason }) => (early.closed = { code, reason });
  globalThis.parlorEarly = early;
}
