/**
 * A session over plain HTTP, for networks that let no WebSocket through. It looks like a connection to the link: frames
 * go both ways, each once and in order, and it has one end.
 *
 * Loaded when it is needed. The wire is described in docs/protocol.md, «Without WebSocket».
 */
import { ask } from './ask.js';
import { Receiver } from './receiver.js';
import { Sender } from './sender.js';
import { Slots } from './slots.js';

/** Times in milliseconds. */
const TIMES = {
  /** A request that is to be answered at once is given up after this time. */
  requestMs: 15_000,
  /** How long a long poll waits for news. */
  longMs: 25_000,
  /** The same where tabs can't share connections: with more than six tabs, each waits its turn. */
  briefMs: 2_000,
  /** The pause between the short polls of a tab that may not hold a connection. */
  pauseMs: 1_000,
  /** The same of a tab in the background. */
  hiddenPauseMs: 5_000,
  /** Events that have not come by then are held back by a proxy, if a poll finds frames. */
  proofMs: 5_000,
  /** A stream of events that ends sooner is cut by a proxy. */
  youngMs: 2_000,
  /** The pause after a request that failed. */
  retryMs: 500,
};

/** Resolves in a task of its own, also in a background tab, where timers wait a second. */
function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export class HttpSession {
  #host;
  #url = null;
  #sender = null;
  #receiver = null;
  #slots = null;
  #isOver = false;

  /**
   * @param {object} host
   * @param {string} host.sessionsUrl
   * @param {string[]} host.transports the ways to receive that are allowed, in their order: `sse`, `poll`
   * @param {(data: string) => void} host.message a frame came, the welcome first
   * @param {(code: number, reason: string) => void} host.over the session has ended, as a WebSocket with this code
   * @param {(transport: string) => void} host.uses frames come by this transport
   * @param {(transport: string) => void} host.unfit that transport does not get through
   * @param {() => void} host.unopened no session could be opened
   */
  constructor(host) {
    this.#host = { ...host, times: { ...TIMES, ...host.times } };
    host.window?.addEventListener('pagehide', this.#onPageHide);
    this.#open();
  }

  /** @param {string} text a frame */
  send(text) {
    this.#sender?.push(text);
  }

  /** Ends the session; the host hears nothing more. */
  close() {
    if (this.#isOver) return;
    this.#stop();
    // The page may be going: the request outlives it.
    if (this.#url) this.#host.fetch(this.#url, { method: 'DELETE', keepalive: true }).catch(() => {});
  }

  async #open() {
    const { sessionsUrl, message, uses, transports } = this.#host;
    const { status, body } = await ask(this.#host, sessionsUrl, { method: 'POST' });
    const isOpened = status === 201 && body !== null;
    if (isOpened) this.#url = `${sessionsUrl}/${body.session}`;
    if (this.#isOver) {
      // Closed meanwhile, when there was nothing to end yet.
      if (isOpened) this.#host.fetch(this.#url, { method: 'DELETE', keepalive: true }).catch(() => {});
      return;
    }
    if (!isOpened) {
      this.#host.unopened();
      // A refusal in words is the server's: it is full, or closing. A WebSocket hears the same code.
      if ((status === 503 || status === 429) && body !== null) this.#over(1013, body.message ?? '');
      else this.#over(1006, '');
      return;
    }
    const over = (code, reason) => this.#over(code, reason);
    const host = { ...this.#host, url: this.#url, over, nextTask };
    this.#slots = new Slots({ ...host, yielded: () => this.#receiver.wake() });
    // A stream of events never yields its connection to another tab.
    if (!this.#slots.isShared && transports.includes('poll')) host.transports = ['poll'];
    this.#sender = new Sender({ ...host, frameBytes: body.welcome.limits?.frame_bytes ?? 65_536 });
    this.#receiver = new Receiver({ ...host, slots: this.#slots, prove: (id) => this.#sender.push(`{"type":"ping","id":"${id}"}`) });
    uses(host.transports[0]);
    message(JSON.stringify(body.welcome));
    await nextTask();
    if (!this.#isOver) this.#receiver.run();
  }

  /** The page is left. A page that comes back from the browser's cache opens another session. */
  #onPageHide = () => {
    if (this.#isOver) return;
    this.close();
    this.#host.over(1001, 'the page was left');
  };

  #over(code, reason) {
    if (this.#isOver) return;
    this.#stop();
    this.#host.over(code, reason);
  }

  #stop() {
    this.#isOver = true;
    this.#host.window?.removeEventListener('pagehide', this.#onPageHide);
    this.#sender?.stop();
    this.#receiver?.stop();
    this.#slots?.stop();
  }
}
