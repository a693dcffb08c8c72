/** Where one writes: Enter sends, Shift+Enter begins a line, and a draft stays with its conversation. */
import { byId } from './dom.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';
import { send } from './outgoing.js';
import { tab } from './prefs.js';
import { mentionsIn } from './rich/mentions.js';
import { peopleOf } from './rich/people.js';
import { client } from './session.js';
import { store } from './store.js';
import { talkTitle } from './titles.js';

/** At most one `typing` in this time, in milliseconds. */
const TYPING_EVERY_MS = 3_000;

/** How many people a message may mean. */
const MENTIONS_MAX = 16;

/** How many characters are left when we begin to count. */
const WARN_AT = 200;

/** How many conversations' drafts are kept over a reload. */
const DRAFTS_MAX = 50;

/** By talk id. */
let drafts = tab.read('drafts', {});
let talk = null;
let typed = 0;

export function startComposer() {
  const text = byId('composer-text');
  byId('send').append(icon('send'));
  byId('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener('keydown', (event) => {
    // While an input method composes, Enter chooses a word (229: browsers that end composing first).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener('input', () => {
    measure();
    keepDraft();
    sayTyping();
  });
  store.on('current', ({ focus }) => {
    open();
    if (focus && !store.current?.game) text.focus();
  });
  languages.addEventListener('change', label);
}

function open() {
  const text = byId('composer-text');
  talk = store.current;
  text.value = drafts[talk?.id] ?? '';
  label();
  measure();
}

function label() {
  const words = talk?.peer ? 'write_privately' : talk?.kind === 'connect4' ? 'write_here' : 'write_in';
  byId('composer-text').placeholder = talk ? t(words, { name: talkTitle(talk) }) : '';
  measure();
}

function submit() {
  const text = byId('composer-text');
  const body = text.value.trim();
  if (!talk || !body || left(body) < 0) return;
  text.value = '';
  keepDraft();
  typed = 0;
  measure();
  const meant = talk.room ? mentionsIn(body, peopleOf(talk)).map(({ user }) => user.id) : [];
  send(talk, body, [...new Set(meant)].filter((id) => id !== store.me?.id).slice(0, MENTIONS_MAX));
}

function keepDraft() {
  if (!talk) return;
  const { [talk.id]: _, ...rest } = drafts;
  const text = byId('composer-text').value;
  drafts = Object.fromEntries([...Object.entries(rest), ...(text ? [[talk.id, text]] : [])].slice(-DRAFTS_MAX));
  tab.write('drafts', drafts);
}

function left(body) {
  return (client.limits.body_chars ?? 4096) - [...body].length;
}

function measure() {
  const text = byId('composer-text');
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
  const rest = left(text.value.trim());
  byId('composer-note').textContent = rest < WARN_AT ? t(rest < 0 ? 'too_long' : 'chars_left', { count: Math.abs(rest) }) : '';
  byId('composer-note').dataset.over = String(rest < 0);
  byId('send').disabled = !text.value.trim() || rest < 0;
}

function sayTyping() {
  if (!talk?.entered || !client.isOpen) return;
  const where = talk.peer ? { to: talk.peer.id } : { room: talk.room };
  if (!byId('composer-text').value.trim()) {
    // Cleared: it is not to look as if a message were coming.
    if (typed) client.request('typing', { ...where, on: false }).catch(() => {});
    typed = 0;
    return;
  }
  if (Date.now() - typed < TYPING_EVERY_MS) return;
  typed = Date.now();
  client.request('typing', where).catch(() => {});
}
