/**
 * Requests on their way and the answers to them.
 *
 * A frame shows itself to a page only when its last byte has arrived, and answers of half a megabyte take their time
 * on a slow connection. So a request is not given up, and never repeated, while anything that may stand before its
 * answer still arrives, or while the connection is silent: silence may be the answer itself, and the heartbeat finds
 * out whether it is death. It is given up when the connection brings other things and not its answer.
 */
import { ParlorError } from './error.js';

/** How long a request may go unanswered on a connection that brings other things, in milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;

/** How many requests may be on their way at once. */
const UNDER_WAY_MAX = 1000;

/** Requests whose answers are lists, up to half a megabyte long. */
const LISTS = new Set(['join', 'history', 'rooms', 'users']);

export class Answers {
  #host;
  #nextId = 1;
  /** @type {Map<number, {type: string, resolve: Function, reject: Function, timer: unknown, since: number, onOk?: Function, onLate?: Function}>} */
  #pending = new Map();
  #heardAt = 0;
  #progressAt = 0;

  /**
   * @param {object} host
   * @param {(frame: object) => void} host.send
   * @param {() => void} host.doubt asks whether the connection lives, after a silence
   * @param {() => number} host.now milliseconds
   * @param {(callback: () => void, ms: number) => unknown} host.setTimer
   * @param {(timer: unknown) => void} host.clearTimer
   */
  constructor(host) {
    this.#host = host;
  }

  /** How many answers are awaited. */
  get size() {
    return this.#pending.size;
  }

  /** Whether an answer that may be long is awaited. */
  get awaitsList() {
    for (const { type } of this.#pending.values()) if (LISTS.has(type)) return true;
    return false;
  }

  /**
   * @param {string} type
   * @param {object} fields
   * @param {object} [more]
   * @param {(frame: object) => void} [more.onOk] called at once with the answer; the promise settles later
   * @param {(frame: object) => void} [more.onLate] called with the answer if it comes after `signal` was aborted
   * @param {AbortSignal} [more.signal]
   * @returns {Promise<object>}
   */
  ask(type, fields, { onOk, onLate, signal } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#pending.size >= UNDER_WAY_MAX) return reject(new ParlorError('too_much_waiting', `${UNDER_WAY_MAX} requests already wait for their answers`));
      const id = this.#nextId++;
      const onAbort = () => {
        entry.reject(signal.reason);
        entry.onOk = onLate;
      };
      const settle = (how) => (value) => {
        signal?.removeEventListener('abort', onAbort);
        how(value);
      };
      const entry = { type, resolve: settle(resolve), reject: settle(reject), onOk, since: this.#host.now(), timer: null };
      signal?.addEventListener('abort', onAbort);
      this.#pending.set(id, entry);
      this.#watch(id, entry, REQUEST_TIMEOUT_MS);
      this.#host.send({ ...fields, type, id });
      return undefined;
    });
  }

  /** A frame arrived. If it is an answer, its request is settled. */
  heard(frame) {
    const asked = frame.re === undefined ? undefined : this.#pending.get(frame.re);
    this.#heardAt = this.#host.now();
    // The answer to a probe and the clock's ticks say that the connection lives, and no more.
    if (frame.type !== 'tick' && asked?.type !== 'ping') this.#progressAt = this.#heardAt;
    if (!asked) return;
    this.#forget(frame.re, asked);
    if (frame.type === 'error') {
      asked.reject(new ParlorError(frame.code, frame.message, frame.retry_after_ms, frame));
      return;
    }
    // Before the promise: frames behind this one rely on it, and promises settle later.
    asked.onOk?.(frame);
    asked.resolve(frame);
  }

  /** The connection is gone. Answers what was under way; {@link fail} rejects it. */
  take() {
    const orphans = [...this.#pending];
    for (const [id, entry] of orphans) this.#forget(id, entry);
    return orphans.map(([, entry]) => entry);
  }

  #forget(id, entry) {
    this.#pending.delete(id);
    this.#host.clearTimer(entry.timer);
  }

  #watch(id, entry, ms) {
    entry.timer = this.#host.setTimer(() => this.#look(id, entry), ms);
  }

  #look(id, entry) {
    const now = this.#host.now();
    const quietMs = now - Math.max(entry.since, this.#progressAt);
    if (quietMs < REQUEST_TIMEOUT_MS) return this.#watch(id, entry, REQUEST_TIMEOUT_MS - quietMs);
    if (this.#heardAt <= now - REQUEST_TIMEOUT_MS) {
      this.#watch(id, entry, REQUEST_TIMEOUT_MS);
      return this.#host.doubt();
    }
    this.#forget(id, entry);
    return entry.reject(new ParlorError('timeout', 'the server did not answer in time'));
  }
}
