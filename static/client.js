/**
 * Parlor's client library: rooms that survive a bad network, in any browser.
 *
 * ```js
 * import { ParlorClient } from '/client.js';
 * const parlor = new ParlorClient(`ws://${location.host}/ws`, { storage: sessionStorage });
 * parlor.addEventListener('message', ({ detail }) => console.log(detail.from.name, detail.body));
 * parlor.connect();
 * await parlor.join({ room: 'lobby' });
 * await parlor.say('lobby', 'hello');
 * ```
 *
 * It is an EventTarget. Every server event is dispatched under its own `type` and under `event`, the frame in
 * `detail`; sequenced ones once each and in order, over any number of connections. Besides:
 *
 * | event | `detail` |
 * |---|---|
 * | `state` | `{state, code, reason, retryAt, final}`: `connecting`, `open`, `closing`, `closed` |
 * | `user` | `{id, name}`: who we are has changed |
 * | `entered` | `{room, reply, reset}`: a join or rejoin was answered; with `reset`, forget what was shown: the room's newest events follow. Otherwise only what was missed follows |
 * | `lost` | `{room, error}`: a room that could not be taken up again |
 *
 * No part of the page is needed; everything it touches of a browser can be handed in.
 */
import { STABLE_AFTER_MS, backoffDelay } from './client/backoff.js';
import { CODE_NO_ANSWER, mayReconnect } from './client/closing.js';
import { ParlorError } from './client/error.js';
import { Heartbeat } from './client/heartbeat.js';
import { newKey } from './client/key.js';
import { Outbox } from './client/outbox.js';
import { RoomLog } from './client/roomlog.js';
import { surroundings } from './client/surroundings.js';

export { ParlorError, newKey };

/** How long a request may go unanswered on a connection that is alive, in milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;

/** How long a socket may take to open and say welcome, in milliseconds. */
const OPENING_TIMEOUT_MS = 10_000;

/** How long a probe may go unanswered, in milliseconds. */
const PROBE_GRACE_MS = 8_000;

export class ParlorClient extends EventTarget {
  #url;
  #options;
  #socket = null;
  #nextId = 1;
  /** @type {Map<number, {resolve: Function, reject: Function, timer: unknown, onOk?: Function}>} */
  #waiting = new Map();
  /** @type {Map<string, RoomLog>} */
  #rooms = new Map();
  #outbox;
  #heartbeat;
  #state = { state: 'closed', final: true };
  #attempt = 0;
  #openedAt = null;
  #retryTimer = null;
  #openingTimer = null;
  #floorMs = 0;
  #user = null;
  #limits = {};
  #clockOffsetMs = 0;

  /**
   * @param {string} url `ws:` or `wss:`
   * @param {object} [options]
   * @param {{getItem(k: string): string|null, setItem(k: string, v: string): void, removeItem(k: string): void}} [options.storage] where the token is kept; without it, it is kept as long as this object
   * @param {string} [options.tokenKey] the token's name in the storage
   * @param {typeof WebSocket} [options.WebSocket]
   * @param {() => number} [options.random]
   * @param {() => number} [options.now] milliseconds
   * @param {(callback: () => void, ms: number) => unknown} [options.setTimer]
   * @param {(timer: unknown) => void} [options.clearTimer]
   * @param {EventTarget} [options.window] where `online` comes
   * @param {EventTarget & {visibilityState: string}} [options.document] where `visibilitychange` comes
   */
  constructor(url, options = {}) {
    super();
    this.#url = url;
    this.#options = { ...surroundings(), ...options };
    const { now, setTimer, clearTimer, window, document } = this.#options;
    this.#outbox = new Outbox({
      send: (type, fields) => this.request(type, fields),
      ready: ({ type, fields }) => this.isOpen && (type !== 'say' || this.#rooms.get(fields.room)?.joined === true),
      later: setTimer,
    });
    this.#heartbeat = new Heartbeat({
      probe: () => this.request('ping').catch(() => {}),
      dead: () => this.#drop('the server stopped answering'),
      now,
      setTimer,
      clearTimer,
    });
    window?.addEventListener('online', () => this.#wake());
    document?.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#wake();
    });
  }

  /** `{state, code?, reason?, retryAt?, final?}`; `retryAt` in milliseconds by `now`. */
  get state() {
    return this.#state;
  }

  get isOpen() {
    return this.#state.state === 'open';
  }

  /** Who we are, `{id, name}`; null before the first welcome. */
  get user() {
    return this.#user;
  }

  /** The server's limits, from its welcome. */
  get limits() {
    return this.#limits;
  }

  /** The server's time now, in milliseconds, as near as the measured round trips tell. */
  serverNow() {
    return this.#options.now() + this.#clockOffsetMs;
  }

  /** Connect now, whatever the backoff says. Does nothing while connected or connecting. */
  connect() {
    if (this.#socket) return;
    this.#options.clearTimer(this.#retryTimer);
    this.#open();
  }

  /** Leave for good: no reconnect until {@link connect}. */
  close() {
    this.#options.clearTimer(this.#retryTimer);
    const socket = this.#socket;
    if (!socket) return this.#enter({ state: 'closed', code: 1000, reason: '', final: true });
    this.#enter({ state: 'closing' });
    socket.close(1000, 'bye');
    this.#lost(socket, 1000, '');
  }

  /**
   * Ask the server. Any request of the protocol; for rooms, prefer {@link join}, {@link say} and {@link tell}.
   *
   * @param {string} type
   * @param {object} [fields]
   * @returns {Promise<object>} the `ok`'s fields
   * @throws {ParlorError} `not_connected` at once while not open; `connection_lost` if the answer never came, and
   *   then what was asked may or may not have happened
   */
  async request(type, fields = {}) {
    if (!this.isOpen) throw new ParlorError('not_connected', 'not connected');
    const answer = await this.#ask(type, fields);
    if (type === 'rename' && answer.token) this.#adopt(answer.user, answer.token);
    return answer;
  }

  /**
   * Enter a room and stay in it over reconnects, until {@link leave}.
   *
   * @param {{room?: string, key?: string, seat?: string, sit?: boolean, limit?: number}} target
   * @returns {Promise<object>} the join's reply; its events have been dispatched when this resolves
   */
  async join(target) {
    if (!this.isOpen) throw new ParlorError('not_connected', 'not connected');
    return this.#ask('join', target, (reply) => {
      const known = this.#rooms.get(reply.room);
      const log = known ?? new RoomLog(reply.room);
      const seat = reply.game?.seat ?? target.seat ?? log.access.seat;
      log.access = { key: target.key ?? log.access.key, seat };
      if (target.limit) log.limit = target.limit;
      this.#rooms.set(reply.room, log);
      this.#settle(log, reply);
    });
  }

  /**
   * Leave a room, and stop taking it up again.
   *
   * @param {string} room
   */
  async leave(room) {
    this.#rooms.delete(room);
    this.#outbox.fail(`say ${room}`, new ParlorError('not_in_room', 'you left the room'));
    if (this.isOpen) await this.request('leave', { room });
  }

  /**
   * Say something in a room one is in. Resolves when it is durable; resends itself with the same key if a
   * connection is lost before the answer, so it is said exactly once.
   *
   * @param {string} room
   * @param {string} body
   * @param {string} [key] of an earlier attempt, to try that one again
   * @returns {Promise<{id: string, seq: number, at: string}>}
   */
  say(room, body, key = newKey()) {
    return this.#outbox.push(`say ${room}`, 'say', { room, body, key });
  }

  /**
   * Tell one person something, with the same promise as {@link say}.
   *
   * @param {string} to a user's id, or a name in use
   * @param {string} body
   * @param {string} [key]
   * @returns {Promise<{id: string, seq: number, at: string, delivered: number}>}
   */
  tell(to, body, key = newKey()) {
    return this.#outbox.push(`tell ${to}`, 'tell', { to, body, key });
  }

  /** Measure the round trip, in milliseconds, and set the clock by it. */
  async measure() {
    const sent = this.#options.now();
    const { server_time: serverTime } = await this.request('ping');
    const heard = this.#options.now();
    this.#clockOffsetMs = Date.parse(serverTime) + (heard - sent) / 2 - heard;
    return heard - sent;
  }

  #open() {
    const socket = new this.#options.WebSocket(this.#url);
    this.#socket = socket;
    this.#openedAt = null;
    this.#enter({ state: 'connecting' });
    this.#openingTimer = this.#options.setTimer(() => this.#drop('the server did not answer'), OPENING_TIMEOUT_MS);
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#hear(data);
    };
    socket.onclose = ({ code, reason }) => this.#lost(socket, code, reason);
  }

  #hear(text) {
    this.#heartbeat.heard();
    const frame = JSON.parse(text);
    if (frame.re !== undefined) this.#answer(frame);
    else if (frame.type === 'welcome') this.#welcome(frame);
    else if (frame.type === 'closing') this.#closing(frame);
    else this.#event(frame);
  }

  #answer(frame) {
    const asked = this.#waiting.get(frame.re);
    if (!asked) return;
    this.#waiting.delete(frame.re);
    this.#options.clearTimer(asked.timer);
    if (frame.type === 'error') {
      asked.reject(new ParlorError(frame.code, frame.message, frame.retry_after_ms));
      return;
    }
    // Before the promise: what comes behind this frame relies on it, and promises settle later.
    asked.onOk?.(frame);
    asked.resolve(frame);
  }

  async #welcome(frame) {
    const { storage, tokenKey, clearTimer, now } = this.#options;
    clearTimer(this.#openingTimer);
    const socket = this.#socket;
    this.#limits = frame.limits ?? {};
    this.#clockOffsetMs = Date.parse(frame.server_time) - now();
    this.#heartbeat.start(frame.heartbeat_ms ?? 25_000, PROBE_GRACE_MS);
    const token = storage.getItem(tokenKey);
    try {
      const identity = token ? await this.#ask('resume', { token }) : frame;
      if (socket !== this.#socket) return;
      this.#adopt(identity.user, identity.token);
    } catch (error) {
      if (socket !== this.#socket) return;
      // Only a token that does not verify makes us somebody else; anything else is tried again as who we are.
      if (error.code !== 'forbidden' && error.code !== 'bad_request') return this.#drop(error.message);
      this.#adopt(frame.user, frame.token);
    }
    this.#openedAt = now();
    this.#floorMs = 0;
    this.#enter({ state: 'open' });
    for (const log of [...this.#rooms.values()]) this.#rejoin(log);
    this.#outbox.flush();
  }

  #adopt(user, token) {
    this.#options.storage.setItem(this.#options.tokenKey, token);
    const changed = this.#user?.id !== user.id || this.#user?.name !== user.name;
    this.#user = user;
    if (changed) this.#emit('user', user);
  }

  #closing({ reason, reconnect_after_ms: afterMs }) {
    this.#floorMs = afterMs ?? 0;
    this.#enter({ state: 'closing', reason });
  }

  #event(frame) {
    const name = frame.type === 'private' ? '@inbox' : frame.room;
    const log = frame.seq === undefined ? undefined : this.#rooms.get(name);
    const verdict = log ? log.accept(frame) : 'show';
    if (verdict === 'show') this.#show(frame);
    else if (verdict === 'gap') this.#rejoin(log);
  }

  #show(frame) {
    if (frame.type === 'renamed' && frame.user.id === this.#user?.id && frame.user.name !== this.#user.name) {
      this.#user = frame.user;
      this.#emit('user', frame.user);
    }
    this.#emit(frame.type, frame);
    this.#emit('event', frame);
  }

  #settle(log, reply) {
    const { reset, events } = log.settle(reply);
    this.#emit('entered', { room: log.room, reply, reset });
    for (const event of events) this.#show(event);
    this.#outbox.flush();
  }

  /** Take a room up again where we left it. */
  async #rejoin(log) {
    const { key, seat } = log.access;
    const where = key ? { key } : { room: log.room };
    const fields = { ...where, seat, since: log.since(), limit: log.limit };
    try {
      await this.#ask('join', fields, (reply) => {
        if (this.#rooms.get(log.room) === log) this.#settle(log, reply);
      });
    } catch (error) {
      if (error.code === 'connection_lost' || this.#rooms.get(log.room) !== log) return;
      if (['rate_limited', 'unavailable', 'timeout', 'internal'].includes(error.code)) {
        const socket = this.#socket;
        this.#options.setTimer(() => {
          if (socket === this.#socket && this.isOpen) this.#rejoin(log);
        }, error.retryAfterMs ?? 1000);
        return;
      }
      this.#rooms.delete(log.room);
      this.#outbox.fail(`say ${log.room}`, error);
      this.#emit('lost', { room: log.room, error });
    }
  }

  #ask(type, fields, onOk) {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const timer = this.#options.setTimer(() => {
        this.#waiting.delete(id);
        reject(new ParlorError('timeout', 'the server did not answer in time'));
      }, REQUEST_TIMEOUT_MS);
      this.#waiting.set(id, { resolve, reject, timer, onOk });
      this.#socket.send(JSON.stringify({ ...fields, type, id }));
    });
  }

  /** Treat the connection as gone without waiting for its close handshake, which a dead one never ends. */
  #drop(reason) {
    const socket = this.#socket;
    if (!socket) return;
    socket.close(CODE_NO_ANSWER, reason.slice(0, 100));
    this.#lost(socket, CODE_NO_ANSWER, reason);
  }

  #lost(socket, code, reason) {
    if (socket !== this.#socket) return;
    const { now, random, setTimer, clearTimer } = this.#options;
    this.#socket = null;
    this.#heartbeat.stop();
    clearTimer(this.#openingTimer);
    for (const log of this.#rooms.values()) log.lose();
    const orphans = [...this.#waiting.values()];
    this.#waiting.clear();
    const wasFinal = this.#state.state === 'closing' && code === 1000;
    const again = mayReconnect(code) && !wasFinal;
    this.#attempt = this.#openedAt !== null && now() - this.#openedAt > STABLE_AFTER_MS ? 0 : this.#attempt + 1;
    const delay = again ? backoffDelay(Math.max(0, this.#attempt - 1), random, this.#floorMs) : 0;
    if (again) this.#retryTimer = setTimer(() => this.connect(), delay);
    this.#enter({ state: 'closed', code, reason, final: !again, retryAt: again ? now() + delay : undefined });
    for (const { reject, timer } of orphans) {
      clearTimer(timer);
      reject(new ParlorError('connection_lost', 'the connection was lost before the answer'));
    }
  }

  /** The network or the person is back: try now instead of waiting, or ask whether the connection still lives. */
  #wake() {
    if (this.isOpen) this.#heartbeat.check();
    else if (this.#state.state === 'closed' && !this.#state.final) this.connect();
  }

  #enter(state) {
    this.#state = state;
    this.#emit('state', state);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
