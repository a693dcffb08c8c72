/**
 * Falls back from WebSocket to Server-Sent Events and long polling, and returns.
 *
 * - Two WebSockets in a row that end young, while plain HTTP reaches the server: the next transport is used. A server that
 *   is down or restarts makes nobody fall back.
 * - While another transport is used, a WebSocket is tried beside it from time to time. It is taken when it has lived for
 *   `provenMs`, so a proxy that kills WebSockets young causes no switching to and fro.
 *
 * Loaded when it is needed.
 */
import { ask } from './ask.js';
import { HttpSession } from './session.js';
import { httpSurroundings } from './surroundings.js';

/** Times in milliseconds; `provenMs` and `slowMs` are those of `transports.js`. */
const TIMES = {
  /** The first WebSocket is tried beside another transport after this time; the wait doubles with each failure. */
  againMs: 30_000,
  /** The longest such wait. */
  againMaxMs: 600_000,
  /** The check by plain HTTP is given up after this time. */
  probeMs: 5_000,
  /** A WebSocket that is to be taken waits so long for the answers that are under way. */
  quietMs: 5_000,
};

/** Young ends in a row after which the next transport is used. */
const FAILURES_MAX = 2;

export class Fallback {
  #host;
  #times;
  /** The transport in use, in the list of those that are allowed. */
  #at = 0;
  #failures = 0;
  #trial = null;
  #trialTimer = null;
  #againMs;

  /**
   * @param {object} host what sessions need (`session.js`; the rest is a browser's), and:
   * @param {string} host.url the WebSocket's
   * @param {string[]} host.transports the allowed ones, in the order in which they are tried
   * @param {string | null} host.first the one to begin with, if not the first of them
   * @param {() => void} host.forget the one to begin with is no good
   * @param {(watch: object) => object} host.socket opens a WebSocket
   * @param {() => object} host.watched opens one whose early end comes to {@link suspect}
   * @param {() => object | null} host.connection the connection of now
   * @param {() => void} host.hurry dial again now
   * @param {() => boolean} host.isQuiet whether no answer is under way
   * @param {(connection: object, welcome: object) => boolean} host.replace goes on over another connection
   */
  constructor(host) {
    this.#host = { ...httpSurroundings(host.url), ...host };
    this.#times = { ...TIMES, ...host.times };
    this.#againMs = this.#times.againMs;
    this.#at = Math.max(0, host.transports.indexOf(host.first));
  }

  /** Opens a connection over the transport whose turn it is. */
  dial() {
    return this.#host.transports[this.#at] === 'websocket' ? this.#host.watched() : this.#session();
  }

  /** The network is another one: what failed on the old one may get through. */
  reset() {
    this.#failures = 0;
    this.#againMs = this.#times.againMs;
    if (this.#at > 0 && !this.#trial) this.#plan(0);
  }

  stop() {
    this.#trial?.end();
    this.#unplan();
  }

  /** A WebSocket got through. */
  proven() {
    this.#failures = 0;
  }

  /** A WebSocket ended young. Was it the WebSocket, or the server? */
  async suspect() {
    const at = this.#at;
    const isReachable = await this.#isReachable();
    if (at !== this.#at) return;
    this.#failures = isReachable ? this.#failures + 1 : 0;
    if (this.#failures >= FAILURES_MAX) this.#next();
  }

  /** A WebSocket has not opened for a long time. */
  async slow(connection) {
    if (this.#isLast || !(await this.#isReachable()) || connection.isWelcomed || connection !== this.#host.connection()) return;
    this.#next();
    const { onclose } = connection;
    connection.close(1000, 'the WebSocket did not open');
    onclose({ code: 1006, reason: '' });
    this.#host.hurry();
  }

  /** Whether the server's sessions answer, and not a proxy for them. */
  async #isReachable() {
    const { sessionsUrl } = this.#host;
    const { status } = await ask(this.#host, sessionsUrl, { method: 'OPTIONS', withinMs: this.#times.probeMs });
    return status >= 200 && status < 300;
  }

  get #isLast() {
    return this.#at + 1 >= this.#host.transports.length;
  }

  #next() {
    if (this.#isLast) return;
    this.#failures = 0;
    this.#at += 1;
    this.#host.hurry();
  }

  #session() {
    const { transports } = this.#host;
    const end = transports.indexOf('websocket', this.#at);
    const connection = { onmessage: null, onclose: null };
    const session = new HttpSession({
      ...this.#host,
      transports: transports.slice(this.#at, end < 0 ? undefined : end),
      message: (data) => connection.onmessage?.({ data }),
      over: (code, reason) => connection.onclose?.({ code, reason }),
      unfit: (transport) => {
        if (transports[this.#at] === transport && !this.#isLast) this.#at += 1;
      },
      // The server is down, or takes no sessions: the first transport has its turn again.
      unopened: () => {
        this.#at = 0;
        this.#failures = 0;
        this.#host.forget();
        this.stop();
      },
    });
    connection.send = (text) => session.send(text);
    connection.close = () => session.close();
    if (!this.#trial && this.#trialTimer === null) this.#plan(this.#againMs);
    return connection;
  }

  #plan(ms) {
    const { transports, setTimer } = this.#host;
    this.#unplan();
    if (transports.slice(0, this.#at).includes('websocket')) this.#trialTimer = setTimer(() => this.#try(), ms);
  }

  #unplan() {
    this.#host.clearTimer(this.#trialTimer);
    this.#trialTimer = null;
  }

  /** Tries a WebSocket beside the transport in use. */
  #try() {
    this.#trialTimer = null;
    const { document, setTimer, clearTimer, socket } = this.#host;
    if (document?.visibilityState === 'hidden') return this.#plan(this.#againMs);
    const { provenMs } = this.#times;
    let welcome = null;
    let timer = null;
    const trial = {
      end: () => {
        if (this.#trial !== trial) return;
        this.#trial = null;
        clearTimer(timer);
        connection.close(1000, 'not needed');
        this.#againMs = Math.min(this.#againMs * 2, this.#times.againMaxMs);
        this.#plan(this.#againMs);
      },
    };
    const connection = socket({
      welcomed: () => {},
      ended: (isYoung) => {
        if (this.#trial === trial) trial.end();
        else if (isYoung) this.suspect(); // it has been taken
      },
    });
    this.#trial = trial;
    timer = setTimer(trial.end, provenMs);
    connection.onmessage = ({ data }) => {
      if (this.#trial !== trial) return;
      const frame = JSON.parse(data);
      if (frame.type === 'closing') trial.end();
      else if (frame.type === 'welcome') {
        welcome = frame;
        clearTimer(timer);
        // When it has lived long enough, what we say has to arrive too.
        timer = setTimer(() => {
          connection.send('{"type":"ping","id":"trial"}');
          timer = setTimer(trial.end, provenMs);
        }, provenMs);
      } else if (frame.re === 'trial') {
        clearTimer(timer);
        this.#take(connection, welcome, trial, this.#host.now() + this.#times.quietMs);
      }
    };
    return undefined;
  }

  /** Takes a WebSocket that gets through, when nothing is under way on the transport in use. */
  #take(connection, welcome, trial, latest) {
    if (this.#trial !== trial) return;
    const { isQuiet, now, replace, setTimer, transports } = this.#host;
    if (!isQuiet() && now() < latest) {
      setTimer(() => this.#take(connection, welcome, trial, latest), 50);
      return;
    }
    if (!replace(connection, welcome)) {
      trial.end();
      return;
    }
    this.#trial = null;
    this.#at = transports.indexOf('websocket');
    this.#failures = 0;
  }
}
