/** Five lanes, each a client of its own that receives the room in its own way. */
import { SESSIONS, bytesOf, counted, frameBytes, network, oneWay } from './network.js';

/** The pause between short polls, and before a lane tries again, in milliseconds. */
const PAUSE_MS = 1_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** What a lane has cost and heard. */
class Lane {
  requests = 0;
  up = 0;
  down = 0;
  /** A join asks for what was said since. */
  since = null;
  #controller = new AbortController();

  /**
   * @param {string} name
   * @param {(lane: Lane, body: string, seq: number) => void} heard each message of the room once, in order
   */
  constructor(name, heard) {
    this.name = name;
    this.heard = heard;
  }

  get signal() {
    return this.#controller.signal;
  }

  /** Receives for ever: what breaks is begun again. */
  async run(room) {
    this.room = room;
    for (;;) {
      if (network.isPlugged) {
        this.#controller = new AbortController();
        await this.receive().catch(() => {});
      }
      await pause();
    }
  }

  /** The cable is out. */
  cut() {
    this.#controller.abort();
  }

  joinFrame() {
    return JSON.stringify({ type: 'join', id: 1, room: this.room, ...(this.since ? { since: this.since } : {}) });
  }

  frame(frame) {
    if (frame.type === 'message') this.#message(frame);
    if (frame.type !== 'ok' || frame.re !== 1) return;
    if (this.since) frame.events.forEach((event) => this.#message(event));
    this.since = { epoch: frame.epoch, seq: frame.seq };
  }

  #message({ body, seq }) {
    if (!this.since || seq <= this.since.seq) return;
    this.since.seq = seq;
    this.heard(this, body, seq);
  }
}

/** Lanes over a session over HTTP, which outlives a cable that is out for a while. */
class SessionLane extends Lane {
  #path = null;
  #newest = 0;

  async receive() {
    if (this.#path === null) {
      const response = await counted(this, SESSIONS, { method: 'POST', signal: this.signal });
      const text = await this.text(response);
      if (response.status !== 201) throw new Error(text);
      this.#newest = 0;
      this.#path = `${SESSIONS}/${JSON.parse(text).session}`;
      await counted(this, `${this.#path}/send?n=1`, { method: 'POST', body: this.joinFrame(), signal: this.signal });
    }
    await this.listen();
  }

  /** A request of the session; one that the server does not know any more is replaced. */
  async ask(rest) {
    const response = await counted(this, `${this.#path}/${rest.replace('ACK', this.#newest)}`, { signal: this.signal });
    if (response.ok) return response;
    if (response.status === 404) this.#path = null;
    throw new Error(await this.text(response));
  }

  async text(response) {
    const text = await response.text();
    this.down += bytesOf(text);
    return text;
  }

  numbered({ n, frame, close }) {
    if (close) this.#path = null;
    if (close || n <= this.#newest) return;
    this.#newest = n;
    this.frame(frame);
  }

  async poll(waitMs) {
    const { frames, close } = JSON.parse(await this.text(await this.ask(`poll?ack=ACK&wait_ms=${waitMs}`)));
    frames.forEach((frame) => this.numbered(frame));
    if (close) this.numbered({ close });
  }

  /** Takes a body that goes on, part by part: whatever stands between two `end`s. */
  async parts(rest, end, take) {
    const reader = (await this.ask(rest)).body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.down += value.length;
      await oneWay();
      text += decoder.decode(value, { stream: true });
      const parts = text.split(end);
      text = parts.pop();
      for (const part of parts) if (part.trim() !== '') take(part);
    }
  }
}

class ShortPoll extends SessionLane {
  listen() {
    return this.poll(0); // the pause is that of `run`
  }
}

class LongPoll extends SessionLane {
  async listen() {
    for (;;) await this.poll(25_000);
  }
}

class Stream extends SessionLane {
  listen() {
    return this.parts('stream?ack=ACK', '\n', (line) => this.numbered(JSON.parse(line)));
  }
}

/** Read by `fetch`, not by an EventSource, which does not tell of bytes. The bytes are the same. */
class Events extends SessionLane {
  listen() {
    return this.parts('events?ack=ACK', '\n\n', (part) => {
      const fields = Object.fromEntries(part.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]));
      if (fields.event === 'close') this.numbered({ close: true });
      else if (fields.data && fields.id) this.numbered({ n: Number(fields.id), frame: JSON.parse(fields.data) });
    });
  }
}

class Socket extends Lane {
  receive() {
    return new Promise((resolve) => {
      this.requests += 1;
      const socket = new WebSocket(new URL('ws', location).href.replace('http', 'ws'));
      const { signal } = this;
      signal.addEventListener('abort', () => socket.close());
      socket.onclose = resolve;
      socket.onmessage = async ({ data }) => {
        this.down += frameBytes(bytesOf(data), false);
        await oneWay();
        if (signal.aborted) return;
        const frame = JSON.parse(data);
        if (frame.type !== 'welcome') return this.frame(frame);
        await oneWay();
        const join = this.joinFrame();
        this.up += frameBytes(bytesOf(join), true);
        return socket.send(join);
      };
    });
  }
}

export function lanes(heard) {
  return [new ShortPoll('poll', heard), new LongPoll('long', heard), new Stream('stream', heard), new Events('sse', heard), new Socket('websocket', heard)];
}
