/**
 * What a person has said and the server has not yet answered.
 *
 * Each entry carries a `key` made here. Whatever happens to the connection, the same entry with the same key is
 * sent again until it is answered, and the server answers the same key with the first message: said once.
 * One entry per lane is under way at a time, so that what was said first stands first, retries or not.
 */
import { ParlorError } from './error.js';

/** Errors after which the same entry is simply sent again. */
const PASSING = new Set(['connection_lost', 'not_connected', 'timeout', 'rate_limited', 'too_much_waiting']);

/** How many entries may wait at once. More are refused with `too_much_waiting`. */
const ENTRIES_MAX = 1000;

/** How many characters they may have together. */
const CHARS_MAX = 1 << 19;

export class Outbox {
  #chars = 0;

  /**
   * @param {object} host
   * @param {(type: string, fields: object) => Promise<object>} host.send
   * @param {(entry: {type: string, fields: object}) => boolean} host.ready whether the entry can go out now
   * @param {(callback: () => void, ms: number) => unknown} host.later
   * @param {(callback: () => void, ms: number) => unknown} host.setTimer
   * @param {(timer: unknown) => void} host.clearTimer
   */
  constructor(host) {
    this.host = host;
    /** @type {Map<string, {type: string, fields: object, sent: boolean, resolve: Function, reject: Function}[]>} */
    this.lanes = new Map();
    this.busy = new Set();
  }

  /** How many entries wait for their answer. */
  get size() {
    let size = 0;
    for (const lane of this.lanes.values()) size += lane.length;
    return size;
  }

  /**
   * @param {string} lane entries of one lane go out in order
   * @param {string} type `say` or `tell`
   * @param {{key: string, body: string}} fields
   * @param {{timeoutMs?: number, signal?: AbortSignal}} [patience] how long it may wait; without end, unless told
   * @returns {Promise<object>} the answer, however many connections it takes
   */
  push(lane, type, fields, { timeoutMs, signal } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const chars = String(fields.body).length;
      if (this.size >= ENTRIES_MAX || this.#chars + chars > CHARS_MAX) return reject(new ParlorError('too_much_waiting', 'too much already waits to be sent'));
      let timer = null;
      const end = (settle) => (value) => {
        this.#chars -= chars;
        this.host.clearTimer(timer);
        signal?.removeEventListener('abort', onAbort);
        settle(value);
      };
      const entry = { type, fields, sent: false, resolve: end(resolve), reject: end(reject) };
      const onAbort = () => this.#withdraw(lane, entry, signal.reason);
      if (timeoutMs !== undefined) timer = this.host.setTimer(() => this.#withdraw(lane, entry, tooLate(entry, timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', onAbort);
      this.#chars += chars;
      const entries = this.lanes.get(lane) ?? [];
      entries.push(entry);
      this.lanes.set(lane, entries);
      this.#pump(lane);
      return undefined;
    });
  }

  /** Send what can go: called when the connection, or a room, is back. */
  flush() {
    for (const lane of [...this.lanes.keys()]) this.#pump(lane);
  }

  /** Give up every entry of a lane, as when its room is no longer ours. */
  fail(lane, error) {
    const entries = this.lanes.get(lane) ?? [];
    this.lanes.delete(lane);
    for (const entry of entries) entry.reject(error);
  }

  /** Give up everything: who connects next may be somebody else. */
  failAll(error) {
    for (const lane of [...this.lanes.keys()]) this.fail(lane, error);
  }

  async #pump(lane) {
    const entry = this.lanes.get(lane)?.[0];
    if (!entry || this.busy.has(lane) || !this.host.ready(entry)) return;
    this.busy.add(lane);
    entry.sent = true;
    try {
      const answer = await this.host.send(entry.type, entry.fields);
      this.#settle(lane, entry, () => entry.resolve(answer));
    } catch (error) {
      if (PASSING.has(error.code)) {
        this.busy.delete(lane);
        if (error.code === 'connection_lost' || error.code === 'not_connected') return;
        this.host.later(() => this.#pump(lane), error.retryAfterMs ?? 1000);
        return;
      }
      this.#settle(lane, entry, () => entry.reject(error));
    }
  }

  #settle(lane, entry, tell) {
    this.busy.delete(lane);
    if (this.#remove(lane, entry)) tell();
    this.#pump(lane);
  }

  /** Take an entry back. If it was sent, its answer is waited for before the lane goes on. */
  #withdraw(lane, entry, error) {
    if (this.#remove(lane, entry)) entry.reject(error);
    this.#pump(lane);
  }

  #remove(lane, entry) {
    const entries = this.lanes.get(lane);
    const at = entries?.indexOf(entry) ?? -1;
    if (at < 0) return false;
    entries.splice(at, 1);
    if (entries.length === 0) this.lanes.delete(lane);
    return true;
  }
}

/** The error of an entry whose time is over; once sent, it may have been said all the same. */
function tooLate({ sent }, timeoutMs) {
  return sent ? new ParlorError('timeout', `no answer within ${timeoutMs} ms`) : new ParlorError('not_connected', `not sent within ${timeoutMs} ms`);
}
