/** Requests that wait until there is a connection: each for its time, and not too many. */
import { ParlorError } from './error.js';

/** How many may wait at once. More are refused with `too_much_waiting`. */
const WAITING_MAX = 1000;

export class Gate {
  #waiting = new Set();
  #host;

  /**
   * @param {object} host
   * @param {(callback: () => void, ms: number) => unknown} host.setTimer
   * @param {(timer: unknown) => void} host.clearTimer
   */
  constructor(host) {
    this.#host = host;
  }

  /**
   * Wait for {@link open}.
   *
   * @param {{timeoutMs: number, signal?: AbortSignal}} patience
   * @returns {Promise<void>} rejects with `not_connected` after `timeoutMs`, or with the signal's reason
   */
  wait({ timeoutMs, signal }) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#waiting.size >= WAITING_MAX) return reject(new ParlorError('too_much_waiting', `${WAITING_MAX} requests already wait for the connection`));
      const end = (settle, value) => {
        this.#waiting.delete(waiter);
        this.#host.clearTimer(timer);
        signal?.removeEventListener('abort', onAbort);
        settle(value);
      };
      const onAbort = () => end(reject, signal.reason);
      const timer = this.#host.setTimer(() => end(reject, new ParlorError('not_connected', `no connection within ${timeoutMs} ms`)), timeoutMs);
      const waiter = { resolve: () => end(resolve), reject: (error) => end(reject, error) };
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', onAbort);
      return undefined;
    });
  }

  /** The connection is there: everybody goes on, in the order in which they came. */
  open() {
    for (const waiter of [...this.#waiting]) waiter.resolve();
  }

  /** There will be no connection. */
  fail(error) {
    for (const waiter of [...this.#waiting]) waiter.reject(error);
  }
}
