/**
 * Sends frames in order, each done once.
 *
 * One request is under way at a time; what is said meanwhile goes out together with the next. Requests are numbered, so
 * one whose answer was lost is repeated with its number, and the server does nothing twice.
 */
import { ask, endOf } from './ask.js';

/** The most frames in one request. */
const FRAMES_MAX = 32;

export class Sender {
  #host;
  #waiting = [];
  #n = 1;
  #isBusy = false;
  #isOver = false;
  #batchMax = FRAMES_MAX;
  /** The frames of the request under way. It may be accepted though its answer was lost: a repeat has the same. */
  #batch = null;

  /**
   * @param {object} host
   * @param {string} host.url the session's
   * @param {number} host.frameBytes the most that one request should have, in characters
   * @param {(data: string) => void} host.message answers in the server's place, where it refused a frame
   * @param {(code: number, reason: string) => void} host.over
   */
  constructor(host) {
    this.#host = host;
  }

  /** @param {string} text a frame */
  push(text) {
    this.#waiting.push(text);
    this.#pump();
  }

  stop() {
    this.#isOver = true;
    this.#waiting = [];
  }

  async #pump() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    await null; // what is said in the same turn goes out together
    while (this.#waiting.length > 0 && !this.#isOver) await this.#sendSome();
    this.#isBusy = false;
  }

  async #sendSome() {
    const host = this.#host;
    const batch = (this.#batch ??= this.#nextBatch());
    const { status, body, retryAfterMs } = await ask(host, `${host.url}/send?n=${this.#n}`, { method: 'POST', body: batch.join('\n') });
    if (this.#isOver) return;
    if (status === 202) {
      this.#n += 1;
      this.#waiting.splice(0, batch.length);
      this.#batch = null;
      this.#batchMax = FRAMES_MAX;
    } else if (status === 404 && body?.code === 'no_such_session') {
      const { code, reason } = endOf(body);
      host.over(code, reason);
    } else if (status === 409) {
      host.over(1006, 'the server is waiting for another request');
    } else if ((status === 400 || status === 413) && body?.code) {
      // Nothing of the request was done. Alone, each frame shows whether it was the one.
      this.#batch = null;
      if (batch.length > 1) this.#batchMax = 1;
      else this.#refused(this.#waiting.shift(), body);
    } else {
      // No answer, a busy server, or a proxy's: the same again. The receiver finds out whether the session lives.
      await new Promise((resolve) => host.setTimer(resolve, retryAfterMs || host.times.retryMs));
    }
  }

  #nextBatch() {
    const batch = [];
    let chars = 0;
    for (const text of this.#waiting.slice(0, this.#batchMax)) {
      chars += text.length + 1;
      if (batch.length > 0 && chars > this.#host.frameBytes) break;
      batch.push(text);
    }
    return batch;
  }

  #refused(text, { code, message, max }) {
    const { id } = JSON.parse(text);
    this.#host.message(JSON.stringify({ type: 'error', re: id, code, message, max }));
  }
}
