/** The conversation in view: its rows, its scrolling, its typing line. */
import { byId, reconcile } from './dom.js';
import { languages, t } from './i18n.js';
import { dayRow, lineRow, messageRow, pendingRow, systemRow } from './message.js';
import { go } from './navigate.js';
import { discard, retry } from './outgoing.js';
import { nameOf } from './names.js';
import { loadNewest, loadOlder, markRead } from './session.js';
import { store } from './store.js';
import { dayKey } from './time.js';

/** Messages of one person within this time stand under one name, in milliseconds. */
const TOGETHER_MS = 5 * 60_000;

/** After so many pages with nothing to show, older ones are loaded only for who asks by scrolling. */
const BARREN_MAX = 3;

/** How near to an edge counts as being at it, in pixels. */
const EDGE_PX = 48;

let log;
let atEnd = true;
let missed = 0;
let shown = null;
let typingTimer = null;

export function startConversation() {
  log = byId('log');
  log.addEventListener('scroll', onScroll, { passive: true });
  for (const asking of ['wheel', 'touchmove', 'keydown']) log.addEventListener(asking, askOlder, { passive: true });
  byId('newest').addEventListener('click', toNewest);
  store.on('current', open);
  store.onCurrent('entries pending', render);
  store.onCurrent('typing', renderTyping);
  store.on('me names', () => store.current && render({}));
  languages.addEventListener('change', () => {
    render({});
    renderTyping();
  });
  document.addEventListener('visibilitychange', read);
  new ResizeObserver(() => atEnd && stick()).observe(log);
}

function open() {
  atEnd = true;
  missed = 0;
  render({});
  renderTyping();
}

function render({ event, older }) {
  const talk = store.current;
  // A whole page of old messages is no news: only what comes live is read out.
  const bulk = talk !== shown || older || !event;
  log.setAttribute('aria-live', bulk ? 'off' : 'polite');
  log.setAttribute('aria-busy', String(Boolean(talk && !talk.entered)));
  const height = log.scrollHeight;
  const top = log.scrollTop;
  const switched = talk !== shown;
  if (switched) leaveView(shown);
  shown = talk;
  if (talk) talk.reading = !atEnd;
  if (talk && atEnd && !older) talk.trim('shown', store.me);
  reconcile(log, talk ? rows(talk) : []);
  log.dataset.empty = String(log.children.length === 0);
  log.dataset.emptyWords = talk?.entered ? t(talk.peer ? 'empty_private' : 'empty_chat') : '';
  if (older) log.scrollTop = top + (log.scrollHeight - height);
  else if (atEnd || switched) stick();
  else if (event?.from) missed += 1;
  if (event?.from?.id === store.me?.id && event?.from) toNewest();
  renderNewest();
  read();
  fillView(talk);
}

/** A conversation that nobody looks at keeps little. */
function leaveView(talk) {
  if (!talk) return;
  talk.reading = false;
  talk.trim('away', store.me);
  loadNewest(talk).catch(() => {});
}

function rows(talk) {
  const out = rowsOf(talk, talk.former, 'former ');
  if (talk.former.length) out.push(lineRow('anew', t('room_anew')));
  out.push(...rowsOf(talk, talk.entries, ''));
  for (const entry of talk.pending) out.push(pendingRow(entry, { retry: (one) => retry(talk, one), discard: (one) => discard(talk, one) }));
  return out;
}

/** @param {string} era keeps the keys of a lost log from those of the log that followed */
function rowsOf(talk, entries, era) {
  const out = [];
  let before = null;
  let day = null;
  for (const event of entries) {
    if (!event.from) {
      const row = systemRow(event, talk);
      if (row) out.push(row);
      before = null;
      continue;
    }
    const date = new Date(event.at);
    if (dayKey(date) !== day) {
      day = dayKey(date);
      out.push(dayRow(day, date));
      before = null;
    }
    const together = before?.from.id === event.from.id && Date.parse(event.at) - Date.parse(before.at) < TOGETHER_MS;
    out.push(messageRow(event, together, (user) => go({ peer: user })));
    before = event;
  }
  return out.map((row) => ({ ...row, key: era + row.key }));
}

function onScroll() {
  atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < EDGE_PX;
  if (atEnd) missed = 0;
  if (shown) shown.reading = !atEnd;
  if (shown && atEnd) loadNewest(shown).catch(() => {});
  renderNewest();
  read();
  if (log.scrollTop < EDGE_PX * 2) fillView(store.current);
}

/** Load older messages when the view shows the oldest we have, or is not even full. */
function fillView(talk) {
  if (!talk?.entered || !talk.more || talk.loading || talk.barren >= BARREN_MAX) return;
  if (log.clientHeight > 0 && log.scrollTop < EDGE_PX * 2) loadOlder(talk).catch(() => {});
}

function askOlder() {
  if (store.current) store.current.barren = 0;
  fillView(store.current);
}

function stick() {
  log.scrollTop = log.scrollHeight;
}

function toNewest() {
  atEnd = true;
  missed = 0;
  stick();
  renderNewest();
  if (shown) loadNewest(shown).catch(() => {});
}

function renderNewest() {
  byId('newest').hidden = atEnd;
  byId('newest').textContent = missed ? t('newest_missed', { count: missed }) : t('newest');
}

/** What stands before someone's eyes has been read. */
function read() {
  if (store.current && atEnd && document.visibilityState === 'visible' && log.clientHeight > 0) markRead(store.current);
}

function renderTyping() {
  clearTimeout(typingTimer);
  const talk = store.current;
  const now = Date.now();
  const typists = talk ? [...talk.typing.values()].filter(({ until }) => until > now) : [];
  const [first, second] = typists;
  const line = byId('typing');
  if (typists.length === 0) line.textContent = '';
  else if (typists.length === 1) line.textContent = t('typing_one', { name: nameOf(first) });
  else if (typists.length === 2) line.textContent = t('typing_two', { name: nameOf(first), other: nameOf(second) });
  else line.textContent = t('typing_many');
  if (typists.length) typingTimer = setTimeout(renderTyping, Math.min(...typists.map(({ until }) => until)) - now + 20);
}
