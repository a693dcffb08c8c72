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
 * | `state` | `{state, code, reason, retryAt, final}`: `connecting`, `open`, `closing`, `closed`. With `replaces`, a better transport takes over: nothing is lost |
 * | `transport` | `{transport}`: `websocket`, `sse` or `poll` is in use now |
 * | `user` | `{id, name}`: who we are has changed |
 * | `entered` | `{room, reply, reset}`: a join or rejoin was answered; with `reset`, forget what was shown: the room's newest events follow. Otherwise only what was missed follows |
 * | `lost` | `{room, error}`: a room that could not be taken up again |
 *
 * It connects by WebSocket. Where that does not get through it falls back to Server-Sent Events and long polling, and
 * returns to WebSocket when it can; the code for that is loaded when it is needed. `transports` says which are allowed,
 * in their order.
 *
 * No part of the page is needed; everything it touches of a browser can be handed in.
 *
 * `join`, `say` and `tell` wait for the connection, also for the next one after a loss. `ready()` tells when it is
 * there. Everything that waits takes `{timeoutMs, signal}` and has a bound; beyond it: `too_much_waiting`.
 */
import { Answers } from './client/answers.js';
import { ParlorError } from './client/error.js';
import { Gate } from './client/gate.js';
import { newKey } from './client/key.js';
import { Link } from './client/link.js';
import { Outbox } from './client/outbox.js';
import { RoomLog } from './client/roomlog.js';
import { surroundings } from './client/surroundings.js';
import { Transports } from './client/transports.js';

export { ParlorError, newKey };

/** How long a request waits for the connection unless told otherwise, in milliseconds. */
const CONNECTION_WAIT_MS = 30_000;

/** How long a probe may go unanswered, in milliseconds. */
const PROBE_GRACE_MS = 8_000;

/** The same while a list is awaited: half a megabyte at 70 kbit/s may stand before the probe's answer. */
const LIST_GRACE_MS = 60_000;

/** Requests whose answer has a token to keep instead of the old one. */
const GIVE_A_TOKEN = new Set(['rename', 'resume', 'sign_out']);

export class ParlorClient extends EventTarget {
  #url;
  #options;
  #link;
  #transports;
  #answers;
  /** Requests that wait until the connection is open. */
  #gate;
  /** Joins that wait for `welcome`: they may follow our token at once, since the server does them in order. */
  #joinGate;
  #mayJoin = false;
  /** How many joins are under way: what is said meanwhile may be meant for their rooms. */
  #joining = 0;
  /** @type {Map<string, RoomLog>} */
  #rooms = new Map();
  #outbox;
  /** Timers of things to be tried again. */
  #laterTimers = new Set();
  #user = null;
  #limits = {};
  #clockOffsetMs = 0;

  /**
   * Whatever it touches of a browser can be handed in too, under the names in `client/surroundings.js`.
   *
   * @param {string} [url] `ws:` or `wss:`; without it, that of the server that this module came from
   * @param {object} [options]
   * @param {{getItem(k: string): string|null, setItem(k: string, v: string): void, removeItem(k: string): void}} [options.storage] where the token is kept; without it, it is kept as long as this object
   * @param {string} [options.tokenKey] the token's name in the storage: `parlor.token`, or
   *   with a server below a path such as `/chat/`, `parlor/chat/token`
   * @param {Storage} [options.tabStorage] where it keeps for five minutes which transport it fell back to, such as
   *   `sessionStorage`: a page that is loaded again begins with it. Without it, with the first
   * @param {('websocket' | 'sse' | 'poll')[]} [options.transports] those that are allowed, in the order in which they are
   *   tried: all three unless told otherwise
   * @param {string} [options.sessionsUrl] where sessions over HTTP are opened: `api/sessions` beside `url`
   */
  constructor(url = new URL('ws', import.meta.url).href.replace('http', 'ws'), options = {}) {
    super();
    this.#url = url;
    this.#options = { url, ...surroundings(url), ...options };
    const { now, setTimer, clearTimer } = this.#options;
    const later = (callback, ms) => this.#later(callback, ms);
    this.#gate = new Gate({ setTimer, clearTimer });
    this.#joinGate = new Gate({ setTimer, clearTimer });
    this.#answers = new Answers({ send: (frame) => this.#link.send(frame), doubt: () => this.#link.check(), now, setTimer, clearTimer });
    this.#outbox = new Outbox({ send: (type, fields) => this.request(type, fields), ready: (entry) => this.#maySend(entry), later, setTimer, clearTimer });
    this.#transports = new Transports({
      ...this.#options,
      dialSocket: () => new this.#options.WebSocket(this.#url),
      switched: (transport) => this.#emit('transport', { transport }),
      connection: () => this.#link.connection,
      hurry: () => this.#link.hurry(),
      isQuiet: () => this.#answers.size === 0,
      replace: (connection, welcome) => this.#link.replace(connection, welcome),
    });
    this.#link = new Link({
      ...this.#options,
      dial: () => this.#transports.dial(),
      networkChanged: () => this.#transports.reset(),
      hello: (frame) => this.#hello(frame),
      opened: () => this.#opened(),
      heard: (frame) => this.#answers.heard(frame),
      event: (frame) => this.#event(frame),
      lost: () => this.#lost(),
      entered: (state) => this.#entered(state),
      probe: () => this.request('ping').catch(() => {}),
      graceMs: () => (this.#answers.awaitsList ? LIST_GRACE_MS : PROBE_GRACE_MS),
    });
  }

  /** The server's address. */
  get url() {
    return this.#url;
  }

  /** `{state, code?, reason?, retryAt?, final?}`; `retryAt` in milliseconds by `now`. */
  get state() {
    return this.#link.state;
  }

  get isOpen() {
    return this.#link.isOpen;
  }

  /** The transport in use: `websocket`, `sse` or `poll`; null before the first welcome. */
  get transport() {
    return this.#transports.current;
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
    this.#link.open();
  }

  /**
   * Leave for good: no reconnect until {@link connect}. What waits is given up with `not_connected`, since who
   * connects next may be somebody else.
   */
  close() {
    const { clearTimer } = this.#options;
    for (const timer of this.#laterTimers) clearTimer(timer);
    this.#laterTimers.clear();
    this.#transports.stop();
    this.#link.close();
    this.#outbox.failAll(new ParlorError('not_connected', 'the client was closed'));
  }

  /**
   * Wait for the connection.
   *
   * @param {{timeoutMs?: number, signal?: AbortSignal}} [patience] 30 seconds unless told otherwise
   * @returns {Promise<{id: string, name: string}>} who we are
   * @throws {ParlorError} `not_connected` if it did not come in that time, or nobody called {@link connect}
   */
  async ready(patience = {}) {
    if (!this.isOpen) await this.#until(this.#gate, patience);
    return this.#user;
  }

  /**
   * Ask the server. Any request of the protocol; for rooms, prefer {@link join}, {@link say} and {@link tell}.
   *
   * While a connection is being opened, the request waits for it. While one is lost and the next attempt is some
   * time away, it fails at once, since a move or a click belongs to its moment; with `timeoutMs` or `signal` it waits
   * then too.
   *
   * @param {string} type
   * @param {object} [fields]
   * @param {{timeoutMs?: number, signal?: AbortSignal}} [patience] how long to wait for the connection
   * @returns {Promise<object>} the `ok`'s fields
   * @throws {ParlorError} `not_connected`: it was not sent; `connection_lost` or `timeout`: the answer never came, and
   *   the request may or may not have been done
   */
  async request(type, fields = {}, patience = {}) {
    const { timeoutMs, signal } = patience;
    if (!this.isOpen) {
      const waits = this.state.state === 'connecting' || timeoutMs !== undefined || signal !== undefined;
      if (!waits && !this.state.final) throw new ParlorError('not_connected', 'not connected');
      await this.#until(this.#gate, patience);
    }
    const answer = await this.#answers.ask(type, fields, { signal });
    if (GIVE_A_TOKEN.has(type) && answer.token) this.#adopt(answer.user ?? this.#user, answer.token);
    return answer;
  }

  /**
   * Enter a room and stay in it over reconnects, until {@link leave}. Waits for the connection, and asks again if one
   * is lost before the answer.
   *
   * @param {{room?: string, key?: string, seat?: string, sit?: boolean, limit?: number}} target
   * @param {{timeoutMs?: number, signal?: AbortSignal}} [patience] how long to wait for the connection: 30 seconds
   *   unless told otherwise
   * @returns {Promise<object>} the join's reply; its events have been dispatched when this resolves
   */
  async join(target, { timeoutMs = CONNECTION_WAIT_MS, signal } = {}) {
    const end = this.#options.now() + timeoutMs;
    this.#joining += 1;
    try {
      for (;;) {
        if (!this.#mayJoin) await this.#until(this.#joinGate, { timeoutMs: Math.max(0, end - this.#options.now()), signal });
        try {
          return await this.#answers.ask('join', target, { signal, onOk: (reply) => this.#joined(target, reply), onLate: ({ room }) => this.#notMeant(room) });
        } catch (error) {
          if (error.code !== 'connection_lost') throw error;
        }
      }
    } finally {
      this.#joining -= 1;
      this.#outbox.flush();
    }
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
   * @param {string | {key?: string, mentions?: string[], timeoutMs?: number, signal?: AbortSignal}} [options] the key
   *   of an earlier attempt, to try that one again; the ids of those who are meant by an `@name`; how long to wait for
   *   the answer: without end, unless told
   * @returns {Promise<{id: string, seq: number, at: string}>}
   */
  say(room, body, options) {
    const { key, mentions, ...patience } = keyed(options);
    return this.#outbox.push(`say ${room}`, 'say', { room, body, key, ...(mentions?.length ? { mentions } : {}) }, patience);
  }

  /**
   * Tell one person something, with the same promise as {@link say}.
   *
   * @param {string} to a user's id, or a name in use
   * @param {string} body
   * @param {string | {key?: string, timeoutMs?: number, signal?: AbortSignal}} [options] as for {@link say}
   * @returns {Promise<{id: string, seq: number, at: string, delivered: number}>}
   */
  tell(to, body, options) {
    const { key, ...patience } = keyed(options);
    return this.#outbox.push(`tell ${to}`, 'tell', { to, body, key }, patience);
  }

  /** Measure the round trip, in milliseconds, and set the clock by it. */
  async measure() {
    const sent = this.#options.now();
    const { server_time: serverTime } = await this.request('ping');
    const heard = this.#options.now();
    this.#clockOffsetMs = Date.parse(serverTime) + (heard - sent) / 2 - heard;
    return heard - sent;
  }

  /** Say who we are: with our token, if we have one. */
  async #hello(frame) {
    const { storage, tokenKey, now } = this.#options;
    this.#limits = frame.limits ?? {};
    this.#clockOffsetMs = Date.parse(frame.server_time) - now();
    const token = storage.getItem(tokenKey);
    if (!token) this.#adopt(frame.user, frame.token);
    const resumed = token ? this.#answers.ask('resume', { token }, { onOk: (reply) => this.#adopt(reply.user, reply.token) }) : null;
    this.#takeUp();
    try {
      await resumed;
    } catch (error) {
      // Only a token that does not verify makes us somebody else; anything else is tried again as who we are.
      if (error.code !== 'forbidden' && error.code !== 'bad_request') throw error;
      this.#adopt(frame.user, frame.token);
    }
  }

  /** Ask for all rooms, and let joins go. A round trip less than behind the answer to our token. */
  #takeUp() {
    this.#mayJoin = true;
    for (const log of [...this.#rooms.values()]) this.#rejoin(log);
    this.#joinGate.open();
  }

  #opened() {
    this.#gate.open();
    this.#outbox.flush();
  }

  #lost() {
    this.#mayJoin = false;
    for (const log of this.#rooms.values()) log.lose();
    for (const { reject } of this.#answers.take()) reject(new ParlorError('connection_lost', 'the connection was lost before the answer'));
  }

  #entered(state) {
    this.#emit('state', state);
    if (state.state !== 'closed' || !state.final) return;
    const error = new ParlorError('not_connected', state.reason || 'the connection was closed');
    this.#joinGate.fail(error);
    this.#gate.fail(error);
  }

  /** Whether what was said can go out: its room is joined, or nobody is about to join it, and the server says why not. */
  #maySend({ type, fields }) {
    if (!this.isOpen) return false;
    const log = type === 'say' ? this.#rooms.get(fields.room) : undefined;
    return log ? log.joined : type !== 'say' || this.#joining === 0;
  }

  async #until(gate, { timeoutMs = CONNECTION_WAIT_MS, signal }) {
    if (this.state.final) throw new ParlorError('not_connected', 'not connected: call connect() first');
    await gate.wait({ timeoutMs, signal });
  }

  #joined(target, reply) {
    const log = this.#rooms.get(reply.room) ?? new RoomLog(reply.room);
    const seat = reply.game?.seat ?? target.seat ?? log.access.seat;
    log.access = { key: target.key ?? log.access.key, seat };
    if (target.limit) log.limit = target.limit;
    this.#rooms.set(reply.room, log);
    this.#settle(log, reply);
  }

  /** A join was answered after it had been aborted. */
  #notMeant(room) {
    if (!this.#rooms.has(room)) this.request('leave', { room }).catch(() => {});
  }

  #adopt(user, token) {
    this.#options.storage.setItem(this.#options.tokenKey, token);
    const changed = this.#user?.id !== user.id || this.#user?.name !== user.name;
    this.#user = user;
    if (changed) this.#emit('user', user);
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
      await this.#answers.ask('join', fields, {
        onOk: (reply) => {
          if (this.#rooms.get(log.room) === log) this.#settle(log, reply);
        },
      });
    } catch (error) {
      if (error.code === 'connection_lost' || this.#rooms.get(log.room) !== log) return;
      if (['rate_limited', 'unavailable', 'timeout', 'internal', 'too_much_waiting'].includes(error.code)) {
        const { connection } = this.#link;
        this.#later(() => {
          if (connection === this.#link.connection && this.isOpen) this.#rejoin(log);
        }, error.retryAfterMs ?? 1000);
        return;
      }
      this.#rooms.delete(log.room);
      this.#outbox.fail(`say ${log.room}`, error);
      this.#emit('lost', { room: log.room, error });
    }
  }

  #later(callback, ms) {
    const timer = this.#options.setTimer(() => {
      this.#laterTimers.delete(timer);
      callback();
    }, ms);
    this.#laterTimers.add(timer);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The third argument of `say` and `tell`: a key, or options with or without one. */
function keyed(options) {
  const given = typeof options === 'string' ? { key: options } : { ...options };
  return { ...given, key: given.key ?? newKey() };
}
