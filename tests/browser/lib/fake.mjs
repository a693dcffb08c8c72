/** The client library on a WebSocket that the test speaks for and a clock that it turns. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Browsers know a module by how it is loaded, Node by a package.json, which static/ has no use for: so a copy gets one.
const copy = mkdtempSync(join(tmpdir(), 'parlor-client-'));
cpSync(fileURLToPath(new URL('../../../static', import.meta.url)), copy, { recursive: true });
writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
after(() => rmSync(copy, { recursive: true, force: true }));

/** A module of static/. */
export const load = (path) => import(pathToFileURL(join(copy, path)).href);

const { ParlorClient } = await load('client.js');

globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail } = {}) {
    super(type);
    this.detail = detail;
  }
};

/** A clock that stands still until it is told. */
class Clock {
  time = 1_000_000;
  #timers = new Set();

  setTimer = (callback, ms) => {
    const timer = { callback, due: this.time + ms };
    this.#timers.add(timer);
    return timer;
  };

  clearTimer = (timer) => this.#timers.delete(timer);

  now = () => this.time;

  /** How many timers are set. */
  get waiting() {
    return this.#timers.size;
  }

  /** Turn it on by `ms`, doing what falls due on the way. */
  async pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (!next) break;
      this.#timers.delete(next);
      this.time = Math.max(this.time, next.due);
      next.callback();
      await settled();
    }
    this.time = end;
  }
}

/** Let promises run until they wait for something of ours. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An EventTarget that knows how many listen. */
class Listened extends EventTarget {
  listeners = 0;

  addEventListener(...what) {
    this.listeners += 1;
    super.addEventListener(...what);
  }

  removeEventListener(...what) {
    this.listeners -= 1;
    super.removeEventListener(...what);
  }
}

export function setUp({ random = () => 0.5, storage, ...more } = {}) {
  const clock = new Clock();
  const sockets = [];
  class FakeSocket {
    sent = [];

    constructor(url) {
      this.url = url;
      sockets.push(this);
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close(code) {
      this.closedWith = code;
    }

    async says(frame) {
      this.onmessage({ data: JSON.stringify(frame) });
      await settled();
    }

    async dies(code = 1006, reason = '') {
      this.onclose({ code, reason });
      await settled();
    }

    /** The newest request of that type. */
    asked(type) {
      return this.sent.findLast((frame) => frame.type === type);
    }

    async answers(type, result = {}) {
      await this.says({ type: 'ok', re: this.asked(type).id, ...result });
    }

    async refuses(type, code, more = {}) {
      await this.says({ type: 'error', re: this.asked(type).id, code, message: code, ...more });
    }

    async welcomes(user = { id: 'u1', name: 'guest-1' }, token = 't1') {
      await this.says({ type: 'welcome', user, token, server_time: new Date(clock.time).toISOString(), limits: { body_chars: 10 }, heartbeat_ms: 25_000 });
    }
  }
  const window = new Listened();
  const document = Object.assign(new Listened(), { visibilityState: 'visible' });
  const nothing = { fetch: async () => Promise.reject(new TypeError('there is no network')), locks: undefined };
  const client = new ParlorClient('ws://x/ws', { WebSocket: FakeSocket, ...nothing, random, now: clock.now, setTimer: clock.setTimer, clearTimer: clock.clearTimer, window, document, ...(storage ? { storage } : {}), ...more });
  const heard = [];
  for (const type of ['message', 'entered', 'lost', 'private']) client.addEventListener(type, ({ detail }) => heard.push([type, detail]));
  return { client, clock, sockets, heard, window, document, newest: () => sockets.at(-1) };
}

export const message = (seq) => ({ type: 'message', room: 'r', seq, id: `m${seq}`, body: `b${seq}` });
export const joined = (seq, events, recovered = false, epoch = 'e') => ({ room: 'r', kind: 'chat', epoch, seq, recovered, events, members: [], online: 1 });

/** A client that is open and in room `r`, at seq 2. */
export async function inRoom(options) {
  const it = setUp(options);
  it.client.connect();
  await it.newest().welcomes();
  const joining = it.client.join({ room: 'r' });
  await it.newest().answers('join', joined(2, [message(1), message(2)]));
  await joining;
  return it;
}

/** Wait out the backoff, up to the next attempt's welcome. */
export async function waitOut({ client, clock, newest }, ...who) {
  await clock.pass(client.state.retryAt - clock.now());
  await newest().welcomes(...who);
}

/** Lose the connection and open the next one, up to the rejoin being asked. */
export async function comeBack(it, code = 1006) {
  await it.newest().dies(code);
  await waitOut(it, { id: 'u2', name: 'guest-2' }, 't2');
  await it.newest().answers('resume', { user: { id: 'u1', name: 'guest-1' }, token: 't1' });
}
