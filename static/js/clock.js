/** The server's clock, ticking, and how long a question and its answer take. */
import { byId } from './dom.js';
import { languages, t } from './i18n.js';
import { client } from './session.js';
import { store } from './store.js';
import { clockSeconds } from './time.js';

const MEASURE_EVERY_MS = 10_000;

let measured = 0;
let last = null;

export function startClock() {
  store.on('connection', () => {
    if (store.connection.state !== 'open') return stop();
    measured = 0;
    client.request('watch_time', { every_ms: 1000 }).catch(() => {});
  });
  store.on('tick', (tick) => {
    last = tick;
    render();
    if (document.visibilityState === 'visible' && Date.now() - measured >= MEASURE_EVERY_MS) measure();
  });
  languages.addEventListener('change', render);
}

async function measure() {
  measured = Date.now();
  try {
    store.roundTripMs = await client.measure();
    render();
  } catch {
    // The connection's own state tells it.
  }
}

function stop() {
  last = null;
  byId('clock').hidden = true;
}

function render() {
  if (!last) return;
  const at = new Date(last.at);
  byId('clock').hidden = false;
  byId('clock').title = t('clock_title');
  byId('clock-time').dateTime = last.at;
  byId('clock-time').textContent = clockSeconds(at);
  const trip = store.roundTripMs;
  byId('clock-trip').textContent = trip === null ? '' : t('round_trip', { ms: Math.max(1, Math.round(trip)) });
}
