/** The head of the conversation: what it is called, how many are there, and what can be done with it. */
import { announce, note } from './announce.js';
import { ask } from './dialogs.js';
import { byId, copyText, h } from './dom.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';
import { linkBox } from './game/links.js';
import { challenge, linkOf } from './lobby.js';
import { leaveTalk } from './navigate.js';
import { qrCode } from './qr.js';
import { HOME } from './router.js';
import { store } from './store.js';
import { roomTitle, talkTitle } from './titles.js';

export function startHead() {
  byId('share').append(icon('link'));
  byId('leave').append(icon('leave'));
  byId('share').addEventListener('click', () => shareDialog());
  byId('leave').addEventListener('click', () => store.current && leaveOrAsk(store.current));
  document.querySelector('.skip').addEventListener('click', (event) => {
    // The address stays: its fragment may be the key of a game.
    event.preventDefault();
    byId(skipTarget()).focus();
  });
  byId('challenge').append(icon('disc'));
  byId('challenge').addEventListener('click', () => store.current?.peer && challenge(store.current.peer));
  store.on('current', ({ talk, focus }) => {
    render();
    if (talk && focus) announce(t('now_in', { name: talkTitle(talk) }));
    if (focus && talk?.game) byId('title').focus();
  });
  store.onCurrent('members game presence', render);
  store.on('replay talks me names', render);
  languages.addEventListener('change', render);
  render();
}

function skipTarget() {
  return store.replay ? 'stage' : 'composer-text';
}

/** Leaving a running game costs it, unless one comes back in time: that is asked for. */
async function leaveOrAsk(talk) {
  const { game } = talk;
  if (game?.you && game.status === 'playing') {
    const sure = await ask({ title: t('leave_game_title'), body: [h('p', null, t('leave_game_text'))], confirm: t('leave_game'), danger: true });
    if (!sure) return;
  }
  leaveTalk(talk);
}

function render() {
  const talk = store.current;
  const main = byId('main');
  main.dataset.kind = store.replay ? 'replay' : talk?.kind ?? 'none';
  const [title, kind, rest] = words(talk);
  byId('title').textContent = title;
  // A replay has no message box.
  const skip = document.querySelector('.skip');
  skip.href = `#${skipTarget()}`;
  skip.textContent = t(store.replay ? 'skip_to_replay' : 'skip_to_composer');
  byId('subtitle-kind').textContent = kind;
  byId('subtitle').textContent = rest;
  byId('share').hidden = Boolean(store.replay) || !talk?.room;
  const label = t(talk?.peer ? 'close_private' : 'leave_room');
  byId('leave').setAttribute('aria-label', label);
  byId('leave').title = label;
  const only = talk?.room === HOME && [...store.talks.values()].filter((one) => one.room).length < 2;
  byId('leave').hidden = Boolean(store.replay) || !talk || only;
  byId('challenge').hidden = Boolean(store.replay) || !talk?.peer;
  byId('show-people').hidden = Boolean(store.replay) || !talk?.room;
}

/** The title, what kind of place it is, and how full. */
function words(talk) {
  if (store.replay) return [t('replay'), store.replay.room ? roomTitle(store.replay.room, 'connect4') : '', ''];
  if (!talk) return [t('opening'), '', ''];
  if (talk.peer) return [talkTitle(talk), t('kind_private'), talk.online === null ? '' : t(talk.online ? 'is_online' : 'is_offline')];
  if (!talk.entered) return [talkTitle(talk), t('opening'), ''];
  return [talkTitle(talk), t(`kind_${talk.kind}`), t('here_count', { count: talk.online })];
}

/** The link to hand on: copied at once, and shown with a QR code and, where there is one, the system's share sheet. */
async function shareDialog() {
  const talk = store.current;
  if (!talk?.room) return;
  const link = linkOf(talk);
  if (await copyText(link)) note(t('link_copied'));
  const label = t(talk.game?.status === 'waiting' ? 'invite_link' : 'link');
  const send = navigator.share ? h('button', { type: 'button', class: 'button', id: 'share-sheet', onClick: () => navigator.share({ title: talkTitle(talk), url: link }).catch(() => {}) }, icon('share'), t('share')) : null;
  ask({ title: t('share_title', { room: talkTitle(talk) }), body: [await qrCode(link, t('qr_of_link')), linkBox({ id: 'share-link', label, hint: '', link }), h('div', { class: 'settings-actions' }, send)], confirm: t('done'), plain: true });
}
