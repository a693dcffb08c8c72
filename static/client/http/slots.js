/**
 * Lets only some tabs hold a request open. HTTP/1.1 gives a browser six connections to a server, all tabs together: a
 * seventh tab would wait for ever, and nobody could send. So {@link SLOTS} tabs may hold one; the others poll shortly. A
 * tab in the background gives its slot to one that is looked at.
 *
 * A slot is a Web Lock, which the browser frees when a tab goes, however it goes. Pages that are not secure contexts
 * (HTTP on a name other than localhost) have none: there each poll is brief, and the browser lets them take turns.
 * Over HTTP/2 and 3 there is no such bound, and no slot is needed.
 */

/** How many tabs may hold a request open. Two connections remain for what is sent, short polls and the page itself. */
const SLOTS = 4;

/** A tab that gave its slot away asks for none for so long, in milliseconds. */
const YIELD_MS = 10_000;

export class Slots {
  #host;
  #release = null;
  #channel = null;
  #yieldedAt = -Infinity;
  #isOver = false;

  /**
   * @param {object} host
   * @param {string} host.sessionsUrl tabs of one server share
   * @param {LockManager} [host.locks]
   * @param {typeof BroadcastChannel} [host.BroadcastChannel]
   * @param {{visibilityState: string} & EventTarget} [host.document]
   * @param {() => number} host.now
   * @param {() => void} host.yielded the slot was given away, or may be had again
   */
  constructor(host) {
    this.#host = host;
    if (host.locks && host.BroadcastChannel) {
      this.#channel = new host.BroadcastChannel(`parlor ${host.sessionsUrl}`);
      this.#channel.onmessage = () => this.#asked();
    }
    host.document?.addEventListener('visibilitychange', this.#onVisible);
  }

  /** Whether tabs can share: without, a request should be held briefly only. */
  get isShared() {
    return Boolean(this.#host.locks) || this.#hasOneConnection;
  }

  get isHidden() {
    return this.#host.document?.visibilityState === 'hidden';
  }

  /** Takes a slot, if one is free; asks tabs in the background for theirs if not. True if this tab has one. */
  async take() {
    const { locks, now } = this.#host;
    if (this.#release !== null || !locks || this.#hasOneConnection) return true;
    if (this.isHidden && now() - this.#yieldedAt < YIELD_MS) return false;
    for (let slot = 0; slot < SLOTS && !this.#isOver; slot += 1) {
      if (await this.#takeOne(`parlor ${this.#host.sessionsUrl} ${slot}`)) return true;
    }
    if (!this.isHidden) this.#channel?.postMessage('wanted');
    return false;
  }

  stop() {
    this.#isOver = true;
    this.#host.document?.removeEventListener('visibilitychange', this.#onVisible);
    this.#channel?.close();
    this.#release?.();
    this.#release = null;
  }

  #takeOne(name) {
    return new Promise((resolve) => {
      this.#host.locks
        .request(name, { ifAvailable: true }, (lock) => {
          if (lock === null || this.#isOver) {
            resolve(false);
            return undefined;
          }
          return new Promise((release) => {
            this.#release = release;
            resolve(true);
          });
        })
        .catch(() => resolve(false)); // the page is going
    });
  }

  /** A tab that is looked at wants a slot. */
  #asked() {
    if (!this.isHidden || this.#release === null) return;
    this.#yieldedAt = this.#host.now();
    this.#release();
    this.#release = null;
    this.#host.yielded();
  }

  #onVisible = () => {
    if (!this.isHidden && this.#release === null) this.#host.yielded();
  };

  /** Whether all requests share one connection: the protocol of the newest answer tells. */
  get #hasOneConnection() {
    const [entry] = globalThis.performance?.getEntriesByName?.(this.#host.sessionsUrl).slice(-1) ?? [];
    return /^h[23]/.test(entry?.nextHopProtocol ?? '');
  }
}
