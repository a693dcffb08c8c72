/**
 * Opens connections by the transport whose turn it is: a WebSocket, as long as nothing speaks against it.
 *
 * A WebSocket that does not open for a long time, or ends young without a word of the server, may not get through. Then
 * `fallback.js` is loaded, and decides from there on.
 */
import { CODE_NO_ANSWER } from './closing.js';

/** The transports, the best first. */
export const TRANSPORTS = ['websocket', 'sse', 'poll'];

/** A WebSocket that has lived this long gets through, in milliseconds. */
const PROVEN_MS = 10_000;

/** A WebSocket that has not opened by then may not get through, in milliseconds. */
const SLOW_MS = 4_000;

/** A tab that is loaded again begins with the transport that it had settled on, for so long, in milliseconds. */
const REMEMBERED_MS = 300_000;

/** The name under which that is kept. */
const ENTRY = 'transport';

/** Close codes that stand for no close frame: the network's doing, or our own for a server that did not answer. */
const OF_THE_NETWORK = new Set([1005, 1006, 1015, CODE_NO_ANSWER]);

export class Transports {
  #host;
  #current = null;
  /** Once it is needed. */
  #fallback = null;

  /**
   * @param {object} host as for {@link Fallback}, and what it hands to sessions
   * @param {string[]} host.transports the allowed ones, in the order in which they are tried
   * @param {() => WebSocket} host.dialSocket
   * @param {(transport: string) => void} host.switched another transport is in use
   * @param {Storage} host.tabStorage
   * @param {{provenMs?: number, slowMs?: number}} host.times
   */
  constructor(host) {
    const { transports, times } = host;
    if (!transports.length || transports.some((name) => !TRANSPORTS.includes(name))) throw new TypeError(`transports must be some of ${TRANSPORTS}`);
    this.#host = {
      ...host,
      times: { provenMs: PROVEN_MS, slowMs: SLOW_MS, ...times },
      uses: (transport) => this.#use(transport),
      socket: (watch) => this.#socket(watch),
      watched: () => this.#watched(),
    };
  }

  /** The transport in use; null before the first welcome. */
  get current() {
    return this.#current;
  }

  /** Opens a connection. */
  dial() {
    if (this.#fallback) return this.#fallback.dial();
    if (this.#host.transports[0] === 'websocket' && !this.#remembered()) return this.#watched();
    return later(this.#load().then((fallback) => fallback.dial()));
  }

  /** The network is another one: what failed on the old one may get through. */
  reset() {
    this.#forget();
    this.#fallback?.reset();
  }

  /** Stops what it tries beside the connection. */
  stop() {
    this.#fallback?.stop();
  }

  #watched() {
    const { times, setTimer, clearTimer } = this.#host;
    const slow = setTimer(() => this.#doubt((fallback) => fallback.slow(connection)), times.slowMs);
    const connection = this.#socket({
      welcomed: () => clearTimer(slow),
      ended: (isYoung) => {
        clearTimer(slow);
        if (isYoung) this.#doubt((fallback) => fallback.suspect());
        else this.#fallback?.proven();
      },
    });
    return connection;
  }

  /** A WebSocket may not get through. */
  #doubt(act) {
    if (this.#host.transports.length > 1) this.#load().then(act, () => {}); // the server can't be reached at all
  }

  async #load() {
    if (this.#fallback) return this.#fallback;
    try {
      const { Fallback } = await import('./http/fallback.js');
      this.#fallback ??= new Fallback({ ...this.#host, first: this.#remembered(), forget: () => this.#forget() });
    } catch (error) {
      this.#forget();
      throw error;
    }
    return this.#fallback;
  }

  /** What this tab had settled on before it was loaded again, if that is not long ago. */
  #remembered() {
    const { tabStorage, now, transports } = this.#host;
    const [transport, until] = tabStorage.getItem(ENTRY)?.split(' ') ?? [];
    return transports.includes(transport) && Number(until) > now() ? transport : null;
  }

  #forget() {
    this.#host.tabStorage.removeItem(ENTRY);
  }

  /**
   * A WebSocket as the link sees it.
   *
   * @param {{welcomed: () => void, ended: (isYoung: boolean) => void}} watch hears of its `welcome`, and once of its end:
   *   whether it was the network's, before the WebSocket could show that it gets through
   */
  #socket(watch) {
    const { dialSocket, now, times } = this.#host;
    const socket = dialSocket();
    let welcomedAt = null;
    let isExpected = false;
    let isOver = false;
    const ended = (code) => {
      if (isOver) return;
      isOver = true;
      const isProven = welcomedAt !== null && now() - welcomedAt >= times.provenMs;
      watch.ended(!isProven && !isExpected && OF_THE_NETWORK.has(code));
    };
    const connection = {
      send: (text) => socket.send(text),
      close: (code, reason) => {
        socket.close(code, reason);
        ended(code);
      },
      /** The link tells of each frame. */
      heard: ({ type }) => {
        isExpected ||= type === 'closing';
        if (type !== 'welcome') return;
        welcomedAt = now();
        this.#use('websocket');
        watch.welcomed();
      },
      get isWelcomed() {
        return welcomedAt !== null;
      },
      onmessage: null,
      onclose: null,
    };
    socket.onmessage = (event) => connection.onmessage?.(event);
    socket.onclose = ({ code, reason }) => {
      ended(code);
      connection.onclose?.({ code, reason });
    };
    return connection;
  }

  #use(transport) {
    if (this.#current === transport) return;
    this.#current = transport;
    const { tabStorage, now, switched } = this.#host;
    if (transport === 'websocket') this.#forget();
    // However often the tab is loaded, WebSocket has its turn in the end.
    else if (this.#remembered() !== transport) tabStorage.setItem(ENTRY, `${transport} ${now() + REMEMBERED_MS}`);
    switched(transport);
  }
}

/** A connection whose code is still loaded. */
function later(loading) {
  const outer = { close: () => (outer.isOver = true) };
  const loaded = (inner) => {
    const { send, close } = inner;
    if (outer.isOver) close();
    Object.assign(inner, { onmessage: outer.onmessage, onclose: outer.onclose });
    Object.assign(outer, { send, close });
  };
  loading.then(loaded, () => outer.isOver || outer.onclose({ code: 1006, reason: '' }));
  return outer;
}
