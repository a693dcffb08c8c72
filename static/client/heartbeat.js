/**
 * Finds a connection that is dead without having said so: a page sees no WebSocket pings, so it asks itself.
 *
 * Silence for `intervalMs` brings a probe; silence for the grace after the probe is death. Measured from the probe,
 * not from the last sound: a laptop that slept is given its answer's time before it is declared cut off. The answer
 * to a probe comes behind whatever is already on its way, so the grace is longer while a long answer is awaited.
 */
export class Heartbeat {
  /**
   * @param {object} host
   * @param {() => void} host.probe ask the server for any sign of life
   * @param {() => void} host.dead the connection is gone
   * @param {() => number} host.graceMs how long the answer to a probe may take now
   * @param {() => number} host.now milliseconds
   * @param {(callback: () => void, ms: number) => unknown} host.setTimer
   * @param {(timer: unknown) => void} host.clearTimer
   */
  constructor(host) {
    this.host = host;
    this.timer = null;
    this.probing = false;
  }

  /** @param {number} intervalMs */
  start(intervalMs) {
    this.stop();
    this.intervalMs = intervalMs;
    this.#wait(intervalMs);
  }

  stop() {
    this.host.clearTimer(this.timer);
    this.timer = null;
    this.probing = false;
  }

  /** Something was heard. */
  heard() {
    if (this.timer === null) return;
    this.#wait(this.intervalMs);
  }

  /** Ask now: the page came back to the front, or the network did. */
  check() {
    if (this.timer === null || this.probing) return;
    this.#ask();
  }

  #wait(ms) {
    this.host.clearTimer(this.timer);
    this.probing = false;
    this.timer = this.host.setTimer(() => this.#ask(), ms);
  }

  #ask() {
    this.host.clearTimer(this.timer);
    this.probing = true;
    this.timer = this.host.setTimer(() => this.host.dead(), this.host.graceMs());
    this.host.probe();
  }
}
