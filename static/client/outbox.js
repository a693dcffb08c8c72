/**
 * What a person has said and the server has not yet answered.
 *
 * Each entry carries a `key` made here. Whatever happens to the connection, the same entry with the same key is
 * sent again until it is answered, and the server answers the same key with the first message: said once.
 * One entry per lane is under way at a time, so that what was said first stands first, retries or not.
 */

/** Errors after which the same entry is simply sent again. */
const PASSING = new Set(['connection_lost', 'not_connected', 'timeout', 'rate_limited']);

export class Outbox {
  /**
   * @param {object} host
   * @param {(type: string, fields: object) => Promise<object>} host.send
   * @param {(entry: {type: string, fields: object}) => boolean} host.ready whether the entry can go out now
   * @param {(callback: () => void, ms: number) => unknown} host.later
   */
  constructor(host) {
    this.host = host;
    /** @type {Map<string, {type: string, fields: object, resolve: Function, reject: Function}[]>} */
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
   * @param {{key: string}} fields
   * @returns {Promise<object>} the answer, however many connections it takes
   */
  push(lane, type, fields) {
    return new Promise((resolve, reject) => {
      const entries = this.lanes.get(lane) ?? [];
      entries.push({ type, fields, resolve, reject });
      this.lanes.set(lane, entries);
      this.#pump(lane);
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

  async #pump(lane) {
    const entry = this.lanes.get(lane)?.[0];
    if (!entry || this.busy.has(lane) || !this.host.ready(entry)) return;
    this.busy.add(lane);
    try {
      const answer = await this.host.send(entry.type, entry.fields);
      this.#settle(lane, entry, () => entry.resolve(answer));
    } catch (error) {
      this.busy.delete(lane);
      if (error.code === 'rate_limited' || error.code === 'timeout') {
        this.host.later(() => this.#pump(lane), error.retryAfterMs ?? 1000);
        return;
      }
      if (PASSING.has(error.code)) return;
      this.#settle(lane, entry, () => entry.reject(error));
    }
  }

  #settle(lane, entry, tell) {
    this.busy.delete(lane);
    const entries = this.lanes.get(lane);
    if (entries?.[0] === entry) {
      entries.shift();
      if (entries.length === 0) this.lanes.delete(lane);
    }
    tell();
    this.#pump(lane);
  }
}
