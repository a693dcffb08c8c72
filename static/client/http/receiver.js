/**
 * Receives a session's frames, each once and in order: by Server-Sent Events if they get through, else by long polls.
 *
 * A request that fails costs nothing, since frames stay with the server until they are acknowledged. After three failures in
 * a row the session counts as lost, and the link opens another one.
 */
import { ask, endOf } from './ask.js';

/** Failures in a row after which the session is given up. */
const FAILURES_MAX = 3;

/** Streams in a row that ended young, after which polling takes their place. */
const YOUNG_MAX = 3;

export class Receiver {
  #host;
  #ways;
  #newest = 0;
  #failures = 0;
  #isProven = false;
  #young = 0;
  #isOver = false;
  /** Ends the request or the pause that is under way. */
  #interrupt = () => {};

  /**
   * @param {object} host
   * @param {string} host.url the session's
   * @param {string[]} host.transports `sse`, `poll`, in their order
   * @param {import('./slots.js').Slots} host.slots
   * @param {(data: string) => void} host.message
   * @param {(code: number, reason: string) => void} host.over
   * @param {(transport: string) => void} host.uses
   * @param {(transport: string) => void} host.unfit
   * @param {(id: string) => void} host.prove asks for a frame: it shows whether events get through
   * @param {typeof EventSource} host.EventSource
   */
  constructor(host) {
    this.#host = host;
    this.#ways = [...host.transports];
  }

  /** Receives until the session is over. */
  async run() {
    while (!this.#isOver) {
      const holds = await this.#host.slots.take();
      if (this.#isOver) return;
      if (holds && this.#ways[0] === 'sse') await this.#listen();
      else if (holds) await this.#poll(this.#host.slots.isShared ? this.#host.times.longMs : this.#host.times.briefMs);
      else if ((await this.#poll(0)) !== null) await this.#pause(this.#host.slots.isHidden ? this.#host.times.hiddenPauseMs : this.#host.times.pauseMs);
    }
  }

  /** Begins anew: something has changed for the request that is under way. */
  wake() {
    this.#interrupt();
  }

  stop() {
    this.#isOver = true;
    this.#interrupt();
  }

  /** Listens to a stream of events until it ends, then asks by a poll why. */
  async #listen() {
    const { EventSource, url, times, setTimer, clearTimer, prove, now } = this.#host;
    const began = now();
    const source = new EventSource(`${url}/events?ack=${this.#newest}`);
    let proof = null;
    const end = await new Promise((resolve) => {
      if (!this.#isProven) proof = setTimer(() => resolve('unproven'), times.proofMs);
      source.onmessage = ({ data, lastEventId }) => {
        if (data.includes('"re":"opened"')) {
          clearTimer(proof);
          this.#isProven = true;
        }
        this.#failures = 0;
        this.#deliver(Number(lastEventId), data);
      };
      source.addEventListener('close', ({ data }) => this.#end(JSON.parse(data)));
      source.onerror = () => resolve('interrupted');
      this.#interrupt = () => resolve('woken');
      // A proxy may pass on what comes with the headers, and hold back the rest: so only an answer behind them is a proof.
      source.onopen = () => this.#isProven || prove('opened');
      if (!this.#isProven) prove('asked');
    });
    clearTimer(proof);
    source.close(); // one that reconnects by itself would ask for what it asked for first
    if (this.#isOver || end === 'woken') return;
    const isYoung = end === 'interrupted' && now() - began < times.youngMs;
    const frames = await this.#poll(0);
    if (frames === null) return;
    this.#young = isYoung ? this.#young + 1 : 0;
    if (end === 'unproven' && frames > 0) this.#unfit('events do not arrive');
    else if (this.#young >= YOUNG_MAX) this.#unfit('events are cut off');
    else if (isYoung) await this.#pause(times.retryMs);
  }

  /** Server-Sent Events do not get through: polls do, or the next transport has its turn. */
  #unfit(reason) {
    const { unfit, uses, over } = this.#host;
    unfit('sse');
    this.#ways.shift();
    if (this.#isOver) return;
    if (this.#ways.length > 0) uses(this.#ways[0]);
    else over(1006, reason);
  }

  /**
   * Asks once.
   *
   * @param {number} waitMs how long the server may wait for news
   * @returns {Promise<number | null>} how many frames came; null if there was no answer
   */
  async #poll(waitMs) {
    const { url, times } = this.#host;
    const controller = new AbortController();
    let isWoken = false;
    this.#interrupt = () => {
      isWoken = true;
      controller.abort();
    };
    const answer = await ask(this.#host, `${url}/poll?ack=${this.#newest}&wait_ms=${waitMs}`, { signal: controller.signal, withinMs: waitMs + times.requestMs });
    if (this.#isOver) return null;
    const { status, body, retryAfterMs } = answer;
    if (status === 200 && body?.frames) {
      this.#failures = 0;
      for (const { n, frame } of body.frames) {
        this.#deliver(n, JSON.stringify(frame));
        await this.#host.nextTask();
      }
      if (body.close) this.#end(body.close);
      return body.frames.length;
    }
    if (status === 404 && body?.code === 'no_such_session') this.#end(endOf(body));
    else if (status === 410) this.#end({ code: 4000, reason: 'too far behind' });
    else if (!isWoken) await this.#failed(retryAfterMs);
    return null;
  }

  async #failed(retryAfterMs) {
    this.#failures += 1;
    if (this.#failures >= FAILURES_MAX) this.#end({ code: 1006, reason: '' });
    else await this.#pause(retryAfterMs || this.#host.times.retryMs * this.#failures);
  }

  #deliver(n, data) {
    if (this.#isOver || n <= this.#newest) return;
    this.#newest = n;
    this.#host.message(data);
  }

  #end({ code, reason }) {
    if (!this.#isOver) this.#host.over(code, reason ?? '');
  }

  #pause(ms) {
    const { setTimer, clearTimer } = this.#host;
    return new Promise((resolve) => {
      const timer = setTimer(resolve, ms);
      this.#interrupt = () => {
        clearTimer(timer);
        resolve();
      };
    });
  }
}
