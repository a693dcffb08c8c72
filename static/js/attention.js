/** What needs me: my turn, an opponent who came, a rematch offered, a mention, a private message. */
import { chime } from './game/sound.js';
import { t } from './i18n.js';
import { nameOf } from './names.js';
import { notify } from './notify.js';
import { mentionsMe } from './rich/mentions.js';
import { store } from './store.js';
import { talkTitle } from './titles.js';

/** What is older when it comes is no news: it was missed, in milliseconds. */
const NEWS_MS = 60_000;

export function startAttention() {
  store.on('game', ({ talk, event }) => talk && event && onGame(talk, event));
  store.on('entries', ({ talk, event }) => talk && event && onEntry(talk, event));
  document.addEventListener('visibilitychange', () => store.changed('unread', store.current));
}

/** Whether somebody sees this conversation now. */
export function inView(talk) {
  return talk === store.current && !store.replay && document.visibilityState === 'visible';
}

/**
 * What of a conversation waits for me, as keys of words: `turn`, `rematch`, `came`, `mention`. What has been read is
 * settled; a turn is until it is made.
 */
export function callsOf(talk) {
  const calls = new Set();
  if (talk.game?.mayMove && !inView(talk)) calls.add('turn');
  for (let at = talk.entries.length - 1; at >= 0 && talk.entries[at].seq > talk.readSeq; at -= 1) {
    const call = callOf(talk, talk.entries[at]);
    if (call) calls.add(call);
  }
  return calls;
}

/** All that waits, as one number: unread messages, and each game that needs me. */
export function waitingTotal() {
  let total = store.unreadTotal();
  for (const talk of store.talks.values()) if (needsAct(talk)) total += 1;
  return total;
}

/** Whether it is my turn in a game that is not in view. */
export function myTurnElsewhere() {
  return [...store.talks.values()].some((talk) => talk.game?.mayMove && !inView(talk));
}

function needsAct(talk) {
  const calls = callsOf(talk);
  return ['turn', 'rematch', 'came'].some((call) => calls.has(call));
}

function callOf(talk, event) {
  const you = talk.game?.you;
  if (event.type === 'seated' && you && event.player !== you) return 'came';
  if (event.type === 'rematch_offered' && you && event.player !== you && talk.game.offers.has(event.player)) return 'rematch';
  if (event.from && event.from.id !== store.me?.id && mentionsMe(event)) return 'mention';
  return null;
}

function onGame(talk, event) {
  const turns = ['played', 'seated', 'rematched'].includes(event.type) && talk.game.mayMove;
  if (turns) chime();
  if (turns) notify(talk, t('call_turn'), talkTitle(talk));
  else if (callOf(talk, event) === 'came') notify(talk, t('call_came'), talkTitle(talk));
  else if (callOf(talk, event) === 'rematch') notify(talk, t('call_rematch'), talkTitle(talk));
}

function onEntry(talk, event) {
  if (!event.from || event.from.id === store.me?.id || event.seq <= talk.readSeq || Date.now() - Date.parse(event.at) > NEWS_MS) return;
  if (talk.peer) notify(talk, nameOf(event.from), event.body);
  else if (mentionsMe(event)) notify(talk, t('mentioned_by', { name: nameOf(event.from), room: talkTitle(talk) }), event.body);
}
