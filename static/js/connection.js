/** The connection's state in word and colour, and the banner while it is away. */
import { announce } from './announce.js';
import { byId } from './dom.js';
import { languages, t } from './i18n.js';
import { client } from './session.js';
import { store } from './store.js';

/** A short loss is no news: the banner waits this long, in milliseconds. */
const PATIENCE_MS = 1_200;

let countdown = null;
let patience = null;
let everOpen = false;
let wasAway = false;
/** The words' key for why there is no connection, once that is found out. */
let trouble = null;

export function startConnection() {
  byId('banner-now').addEventListener('click', () => client.connect());
  store.on('connection', render);
  languages.addEventListener('change', render);
  client.addEventListener('transport', renderTransport);
  render();
}

function render() {
  const { state, final } = store.connection;
  const word = t(`state_${state}`);
  byId('connection').dataset.state = state;
  // The same for the eye where the side is a drawer.
  byId('connection-head').dataset.state = state;
  byId('connection-head-word').textContent = word;
  // Only a change is worth saying: the countdown redraws this every second.
  if (byId('connection-word').textContent !== word) byId('connection-word').textContent = word;
  renderTransport();
  clearInterval(countdown);
  if (state === 'closed') diagnose();
  if (state === 'open') {
    trouble = null;
    everOpen = true;
    clearTimeout(patience);
    patience = null;
    if (wasAway) announce(t('back_again'));
    wasAway = false;
    byId('banner').hidden = true;
  } else if (final) {
    showBanner();
  } else if (byId('banner').hidden) {
    patience ??= setTimeout(showBanner, everOpen ? PATIENCE_MS : PATIENCE_MS * 2);
  } else {
    showBanner();
  }
}

/** The transport in use, while there is one. */
function renderTransport() {
  const { transport } = client;
  const link = byId('transport');
  link.hidden = store.connection.state !== 'open' || !transport;
  if (link.hidden) return;
  link.textContent = t(`by_${transport}`);
  link.title = t(`by_${transport}_long`);
}

/**
 * Why no connection comes about, in words: a WebSocket does not say, an ordinary request to the same place does.
 */
async function diagnose() {
  if (store.connection.state !== 'closed' || everOpened(store.connection)) return;
  try {
    const { status } = await fetch('ws', { cache: 'no-store' });
    trouble = status === 503 ? 'banner_full' : 'banner_refused';
  } catch {
    trouble = 'banner_unreachable';
  }
  if (!byId('banner').hidden) fill();
}

/** Whether the connection that ended had been one: then its end says enough. */
function everOpened({ code }) {
  return code !== 1006 && code !== 1013;
}

function showBanner() {
  patience = null;
  wasAway = true;
  fill();
  byId('banner').hidden = false;
  clearInterval(countdown);
  if (store.connection.retryAt) countdown = setInterval(fill, 500);
}

function fill() {
  const { state, retryAt, final, reason, code } = store.connection;
  const seconds = Math.max(0, Math.ceil(((retryAt ?? 0) - Date.now()) / 1000));
  byId('banner-title').textContent = t(final ? 'banner_final' : code === 1013 ? 'banner_full' : trouble ?? 'banner_away');
  const text = byId('banner-text');
  if (final) text.textContent = reason || t('banner_code', { code });
  else if (state === 'closing') text.textContent = reason || t('banner_closing');
  else if (retryAt) text.textContent = t('banner_countdown', { count: seconds });
  else text.textContent = t('banner_trying');
  byId('banner').dataset.final = String(Boolean(final));
  byId('banner-now').disabled = state === 'connecting';
}
