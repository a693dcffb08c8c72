/** The conversation in view: its rows, its scrolling, its typing line. */
import { byId, h, reconcile } from './dom.js';
import { loadNewest, loadOlder, markRead } from './history.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';
import { dayRow, dividerRow, lineRow, messageRow, pendingRow, systemRow } from './message.js';
import { go } from './navigate.js';
import { discard, retry } from './outgoing.js';
import { nameOf } from './names.js';
import { store } from './store.js';
import { dayKey } from './time.js';

/** Messages of one person within this time stand under one name, in milliseconds. */
const TOGETHER_MS = 5 * 60_000;

/** After so many pages with nothing to show, older ones are loaded only for who asks by scrolling. */
const BARREN_MAX = 3;

/** How near to an edge counts as being at it, in pixels. */
const EDGE_PX = 48;

const GO = { openPeer: (peer) => go({ peer }), openRoom: (room) => go({ room }) };

let log;
let atEnd = true;
let missed = 0;
let shown = null;
let typingTimer = null;
/** Whether the log is on the screen: on a phone it stands below a game's board. */
let onScreen = true;
/** Where the unread begins, of the conversation in view: a line stands before it. */
let unreadFrom = null;

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
  document.addEventListener('visibilitychange', () => {
    read();
    if (document.visibilityState === 'visible') store.changed('unread', store.current);
  });
  new IntersectionObserver(([{ intersectionRect }]) => {
    onScreen = intersectionRect.height >= EDGE_PX;
    renderBelow();
    read();
  }, { threshold: [0, 0.1, 0.25, 0.5, 1] }).observe(log);
  byId('below').addEventListener('click', () => byId('talk').scrollIntoView({ block: 'end' }));
  store.on('unread entries current replay', renderBelow);
  new ResizeObserver(() => atEnd && stick()).observe(log);
}

function open() {
  atEnd = true;
  missed = 0;
  unreadFrom = null;
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
  noteUnread(talk);
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

/** Remember where the unread begins, until it has been seen and something is said. */
function noteUnread(talk) {
  if (!talk?.entered) return;
  if (talk.entries.at(-1)?.from?.id === store.me?.id) unreadFrom = null;
  else if ((unreadFrom === null || talk.readSeq >= unreadFrom) && talk.unread(store.me) > 0 && (log.dataset.of !== talk.id || !isSeen())) unreadFrom = talk.readSeq + 1;
  log.dataset.of = talk.id;
}

/** Whether what comes now is seen as it comes. */
function isSeen() {
  return atEnd && onScreen && document.visibilityState === 'visible';
}

/** On a phone a game's chat is below the board: a button leads there and says what is new. */
function renderBelow() {
  const talk = store.current;
  const button = byId('below');
  button.hidden = onScreen || talk?.kind !== 'connect4' || Boolean(store.replay);
  const count = talk ? talk.unread(store.me) : 0;
  button.replaceChildren(icon('chat'), h('span', null, t('chat')), ...(count ? [h('span', { class: 'badge' }, h('span', { 'aria-hidden': 'true' }, count > 99 ? '99+' : count), h('span', { class: 'sr-only' }, `, ${t('unread_count', { count })}`))] : []));
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
  let divided = era !== '' || unreadFrom === null;
  for (const event of entries) {
    if (!divided && event.seq >= unreadFrom && event.from?.id !== store.me?.id) {
      divided = true;
      out.push(dividerRow());
      before = null;
    }
    if (!event.from) {
      const row = systemRow(event, talk, GO);
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
    out.push(messageRow(event, together, GO, talk));
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
  if (store.current && isSeen() && log.clientHeight > 0) markRead(store.current);
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
