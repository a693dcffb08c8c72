/** Five lanes beside each other, with what each costs. */
import { SHELF } from '../js/base.js';
import { Chart } from './chart.js';
import { lanes } from './lanes.js';
import { SESSIONS, measureHeads, network } from './network.js';
import { switchLanguage, t, translate } from './words.js';

/** The pause between two ticks, in milliseconds; the figures are drawn as often. */
const TICK_MS = 500;

/** How many latencies of a lane the percentiles are taken from: the newest. */
const SAMPLES_MAX = 1_000;

const byId = (id) => document.getElementById(id);
try {
  const theme = localStorage.getItem(`${SHELF}theme`);
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden.
}

/** When each message was said, by its number in the room. */
const saidAt = new Map();
const figures = new Map();
const all = lanes(heard);
let status = '';

function heard(lane, body, seq) {
  const figure = figures.get(lane);
  figure.messages += 1;
  figure.lost += Math.max(0, seq - (figure.newest ?? seq - 1) - 1);
  figure.newest = seq;
  figure.body = body;
  const [, at] = /^tick (\d+(?:\.\d+)?)$/.exec(body) ?? [];
  const began = at === undefined ? saidAt.get(body) : Number(at);
  if (began === undefined) return;
  figure.latencies.push(performance.now() - began);
  if (figure.latencies.length > SAMPLES_MAX) figure.latencies.shift();
  chart.add(lane.name, seq, performance.now() - began);
}

/** Who says the messages: a session that nobody unplugs. */
class Talker {
  #path = null;
  #n = 0;
  #tail = Promise.resolve();

  async open() {
    const response = await fetch(SESSIONS, { method: 'POST', cache: 'no-store' });
    if (response.status !== 201) throw new Error(String(response.status));
    this.#path = `${SESSIONS}/${(await response.json()).session}`;
    this.#n = 0;
  }

  /** Makes a room that only this page knows, and goes in. */
  async room() {
    const room = `compare-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    await this.send({ type: 'create', kind: 'chat', room, unlisted: true }, { type: 'join', room });
    this.joined = room;
    return room;
  }

  say(body) {
    return this.send({ type: 'say', room: this.joined, body });
  }

  /** Sends in order; a session that the server does not know any more is replaced. */
  send(...frames) {
    const act = async () => {
      const body = frames.map((frame) => JSON.stringify(frame)).join('\n');
      this.#n += 1;
      const { status: code } = await fetch(`${this.#path}/send?n=${this.#n}`, { method: 'POST', cache: 'no-store', body });
      // What was answered is of no interest, but must not wait for ever.
      if (code === 202) return this.#drain();
      await this.open();
      this.send({ type: 'join', room: this.joined });
      return undefined;
    };
    this.#tail = this.#tail.then(act).catch(() => {});
    return this.#tail;
  }

  async #drain() {
    const response = await fetch(`${this.#path}/poll?ack=${this.acknowledged ?? 0}`, { cache: 'no-store' });
    const { frames } = await response.json();
    this.acknowledged = frames?.at(-1)?.n ?? this.acknowledged;
  }
}

const percentile = (sorted, share) => (sorted.length === 0 ? '–' : format(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]));
const format = (ms) => (ms < 10 ? ms.toFixed(1) : String(Math.round(ms)));

function row(lane) {
  const tr = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  const mark = document.createElement('span');
  mark.className = `mark mark-${lane.name}`;
  const words = document.createElement('span');
  words.dataset.t = lane.name;
  name.append(mark, words);
  tr.append(name, ...Array.from({ length: 8 }, () => document.createElement('td')));
  tr.dataset.lane = lane.name;
  byId('lanes').append(tr);
  const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
  dt.dataset.t = lane.name;
  dd.dataset.t = `${lane.name}_how`;
  byId('explained').append(dt, dd);
  return tr;
}

function draw() {
  for (const [lane, { tr, latencies, messages, lost, body }] of figures) {
    const sorted = [...latencies].sort((a, b) => a - b);
    const newest = body?.startsWith('tick ') ? 'tick' : (body ?? '–');
    const cells = [percentile(sorted, 0.5), percentile(sorted, 0.95), messages, lost, lane.requests, lane.up, lane.down, newest];
    cells.forEach((cell, at) => (tr.children[at + 1].textContent = typeof cell === 'number' ? cell.toLocaleString(document.documentElement.lang) : cell));
  }
  chart.draw();
}

function say(key) {
  status = key;
  byId('status').textContent = key ? t(key) : '';
}

function plug(isPlugged) {
  network.isPlugged = isPlugged;
  if (!isPlugged) all.forEach((lane) => lane.cut());
}

for (const lane of all) figures.set(lane, { tr: row(lane), latencies: [], messages: 0, lost: 0, newest: null, body: null });
translate();
const chart = new Chart(byId('chart'), all.map(({ name }) => name));

byId('language').addEventListener('click', () => {
  switchLanguage();
  translate();
  say(status);
});
const pressed = (button) => button.getAttribute('aria-pressed') === 'true';
byId('unplug').addEventListener('click', ({ currentTarget }) => {
  currentTarget.setAttribute('aria-pressed', String(!pressed(currentTarget)));
  plug(!pressed(currentTarget));
  say(pressed(currentTarget) ? 'unplugged' : 'plugged');
});
byId('slow').addEventListener('click', ({ currentTarget }) => {
  currentTarget.setAttribute('aria-pressed', String(!pressed(currentTarget)));
  network.isSlow = pressed(currentTarget);
  say(network.isSlow ? 'is_slow' : 'is_fast');
});
document.addEventListener('visibilitychange', () => {
  const isHidden = document.visibilityState === 'hidden';
  plug(!isHidden && !pressed(byId('unplug')));
  say(isHidden ? 'paused' : '');
});

const talker = new Talker();
byId('chat').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = byId('words').value.trim();
  if (words === '') return;
  byId('words').value = '';
  saidAt.set(words, performance.now());
  talker.say(words);
});

for (;;) {
  try {
    await measureHeads();
    await talker.open();
    break;
  } catch {
    say('failed');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}
say('');
const room = await talker.room();
for (const lane of all) lane.run(room);
setInterval(() => {
  if (document.visibilityState === 'hidden') return;
  talker.say(`tick ${performance.now().toFixed(1)}`);
  draw();
}, TICK_MS);
