/**
 * The link to the server: one connection at a time, opened, greeted, watched over, and opened again when it is lost.
 *
 * It knows neither rooms nor requests, and no transport: `dial` opens a connection of any kind. A connection has the
 * part of a WebSocket that is used here: `send(text)`, `close(code, reason)`, and it calls `onmessage({data})` with one
 * frame, each in a task of its own, and `onclose({code, reason})` once. It opens by the server's `welcome`. If it has
 * `heard`, that is called with each frame first.
 */
import { STABLE_AFTER_MS, backoffDelay } from './backoff.js';
import { CODE_NO_ANSWER, mayReconnect } from './closing.js';
import { Heartbeat } from './heartbeat.js';

/** How long a connection may take to open and say welcome, in milliseconds. */
const OPENING_TIMEOUT_MS = 10_000;

export class Link {
  #host;
  #heartbeat;
  #connection = null;
  #state = { state: 'closed', final: true };
  #attempt = 0;
  #openedAt = null;
  #retryTimer = null;
  #openingTimer = null;
  #floorMs = 0;

  /**
   * @param {object} host
   * @param {() => object} host.dial opens a connection
   * @param {(frame: object) => Promise<void>} host.hello the server said `welcome`: say who we are; the link is open
   *   when this resolves, and tries again when it rejects
   * @param {() => void} host.opened the link is open
   * @param {(frame: object) => void} host.heard each frame, as it comes
   * @param {(frame: object) => void} host.event the frames that are neither answers nor about the link
   * @param {() => void} host.lost the connection is gone; the new state follows
   * @param {(state: object) => void} host.entered the state is another one
   * @param {() => void} [host.networkChanged] the browser is on a network again
   * @param {() => void} host.probe ask the server for any sign of life
   * @param {() => number} host.graceMs how long the answer to a probe may take now
   * @param {() => number} host.random
   * @param {() => number} host.now milliseconds
   * @param {(callback: () => void, ms: number) => unknown} host.setTimer
   * @param {(timer: unknown) => void} host.clearTimer
   * @param {EventTarget} [host.window]
   * @param {EventTarget & {visibilityState: string}} [host.document]
   */
  constructor(host) {
    this.#host = host;
    const { probe, graceMs, now, setTimer, clearTimer } = host;
    this.#heartbeat = new Heartbeat({ probe, dead: () => this.#drop('the server stopped answering'), graceMs, now, setTimer, clearTimer });
  }

  /** `{state, code?, reason?, retryAt?, final?, replaces?}`; `retryAt` in milliseconds by `now`. */
  get state() {
    return this.#state;
  }

  get isOpen() {
    return this.#state.state === 'open';
  }

  /** Something that changes with each connection, and is null without one. */
  get connection() {
    return this.#connection;
  }

  /** Open now, whatever the backoff says. Does nothing while there is a connection. */
  open() {
    if (this.#connection) return;
    const { clearTimer, window, document } = this.#host;
    clearTimer(this.#retryTimer);
    if (this.#state.final) {
      window?.addEventListener('online', this.#onOnline);
      document?.addEventListener('visibilitychange', this.#onVisible);
    }
    this.#dial();
  }

  /** Open now if a time is being waited out. */
  hurry() {
    if (this.#state.state === 'closed' && !this.#state.final) this.open();
  }

  /** Close for good: no reconnect until {@link open}. */
  close() {
    this.#host.clearTimer(this.#retryTimer);
    const connection = this.#connection;
    if (connection) {
      this.#enter({ state: 'closing' });
      connection.close(1000, 'bye');
      this.#lost(connection, 1000, '');
    } else {
      this.#end({ state: 'closed', code: 1000, reason: '', final: true });
    }
  }

  /** @param {object} frame */
  send(frame) {
    this.#connection.send(JSON.stringify(frame));
  }

  /** Ask now whether the connection lives. */
  check() {
    this.#heartbeat.check();
  }

  /**
   * Goes on over another connection that was opened beside the one in use. Who listens sees `connecting` with `replaces`,
   * then `open`.
   *
   * @param {object} connection
   * @param {object} welcome its `welcome`
   * @returns {boolean} false if there is no open connection to replace
   */
  replace(connection, welcome) {
    if (!this.isOpen) return false;
    const before = this.#connection;
    this.#adopt(connection);
    this.#heartbeat.stop();
    this.#host.lost();
    this.#enter({ state: 'connecting', replaces: true });
    before.close(1000, 'bye');
    this.#hear(welcome);
    return true;
  }

  #dial() {
    this.#adopt(this.#host.dial());
    this.#enter({ state: 'connecting' });
    this.#openingTimer = this.#host.setTimer(() => this.#drop('the server did not answer'), OPENING_TIMEOUT_MS);
  }

  #adopt(connection) {
    this.#connection = connection;
    this.#openedAt = null;
    connection.onmessage = ({ data }) => {
      if (connection === this.#connection) this.#hear(JSON.parse(data));
    };
    connection.onclose = ({ code, reason }) => this.#lost(connection, code, reason);
  }

  #hear(frame) {
    this.#connection.heard?.(frame);
    this.#heartbeat.heard();
    this.#host.heard(frame);
    if (frame.re !== undefined) return;
    if (frame.type === 'welcome') this.#greet(frame);
    else if (frame.type === 'closing') this.#closing(frame);
    else this.#host.event(frame);
  }

  async #greet(frame) {
    const { hello, opened, clearTimer, now } = this.#host;
    const connection = this.#connection;
    clearTimer(this.#openingTimer);
    this.#heartbeat.start(frame.heartbeat_ms ?? 25_000);
    try {
      await hello(frame);
    } catch (error) {
      if (connection === this.#connection) this.#drop(error.message);
      return;
    }
    if (connection !== this.#connection) return;
    this.#openedAt = now();
    this.#floorMs = 0;
    this.#enter({ state: 'open' });
    opened();
  }

  #closing({ reason, reconnect_after_ms: afterMs }) {
    this.#floorMs = afterMs ?? 0;
    this.#enter({ state: 'closing', reason });
  }

  /** Treat the connection as gone without waiting for its close handshake, which a dead one never ends. */
  #drop(reason) {
    const connection = this.#connection;
    if (!connection) return;
    connection.close(CODE_NO_ANSWER, reason.slice(0, 100));
    this.#lost(connection, CODE_NO_ANSWER, reason);
  }

  #lost(connection, code, reason) {
    if (connection !== this.#connection) return;
    const { lost, now, random, setTimer, clearTimer } = this.#host;
    this.#connection = null;
    this.#heartbeat.stop();
    clearTimer(this.#openingTimer);
    lost();
    const wasFinal = this.#state.state === 'closing' && code === 1000;
    const again = mayReconnect(code) && !wasFinal;
    this.#attempt = this.#openedAt !== null && now() - this.#openedAt > STABLE_AFTER_MS ? 0 : this.#attempt + 1;
    const delay = again ? backoffDelay(Math.max(0, this.#attempt - 1), random, this.#floorMs) : 0;
    if (again) this.#retryTimer = setTimer(() => this.open(), delay);
    const closed = { state: 'closed', code, reason, final: !again, retryAt: again ? now() + delay : undefined };
    if (again) this.#enter(closed);
    else this.#end(closed);
  }

  /** There will be no connection until somebody asks for one. */
  #end(closed) {
    const { window, document } = this.#host;
    window?.removeEventListener('online', this.#onOnline);
    document?.removeEventListener('visibilitychange', this.#onVisible);
    this.#enter(closed);
  }

  #onOnline = () => {
    this.#host.networkChanged?.();
    this.#wake();
  };

  #onVisible = () => {
    if (this.#host.document.visibilityState === 'visible') this.#wake();
  };

  /** The network or the person is back: try now instead of waiting, or ask whether the connection still lives. */
  #wake() {
    if (this.isOpen) this.check();
    else this.hurry();
  }

  #enter(state) {
    this.#state = state;
    this.#host.entered(state);
  }
}
