/** The head of the conversation: what it is called, how many are there, and what can be done with it. */
import { announce, note } from './announce.js';
import { ask } from './dialogs.js';
import { byId, copyText, h } from './dom.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';
import { leaveTalk, linkTo, placeOf } from './navigate.js';
import { HOME } from './router.js';
import { store } from './store.js';
import { roomTitle, talkTitle } from './titles.js';

export function startHead() {
  byId('share').append(icon('link'));
  byId('leave').append(icon('leave'));
  byId('share').addEventListener('click', share);
  byId('leave').addEventListener('click', () => store.current?.room && leaveOrAsk(store.current));
  store.on('current', ({ talk, focus }) => {
    render();
    if (talk && focus) announce(t('now_in', { name: talkTitle(talk) }));
    if (focus && talk?.game) byId('title').focus();
  });
  store.onCurrent('members game', render);
  store.on('replay talks me names', render);
  languages.addEventListener('change', render);
  render();
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
  byId('subtitle-kind').textContent = kind;
  byId('subtitle').textContent = rest;
  byId('share').hidden = Boolean(store.replay) || !talk?.room;
  const only = talk?.room === HOME && [...store.talks.values()].filter((one) => one.room).length < 2;
  byId('leave').hidden = Boolean(store.replay) || !talk?.room || only;
  byId('show-people').hidden = Boolean(store.replay) || !talk?.room;
}

/** The title, what kind of place it is, and how full. */
function words(talk) {
  if (store.replay) return [t('replay'), store.replay.room ? roomTitle(store.replay.room, 'connect4') : '', ''];
  if (!talk) return [t('opening'), '', ''];
  if (talk.peer) return [talkTitle(talk), t('kind_private'), ''];
  if (!talk.entered) return [talkTitle(talk), t('opening'), ''];
  return [talkTitle(talk), t(`kind_${talk.kind}`), t('here_count', { count: talk.online })];
}

async function share() {
  const talk = store.current;
  if (!talk?.room) return;
  const link = linkTo(placeOf(talk.room));
  note((await copyText(link)) ? t('link_copied') : link);
}
