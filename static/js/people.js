/** Who is here: a name opens a private conversation. */
import { byId, h, reconcile } from './dom.js';
import { avatar } from './avatar.js';
import { icon } from './icons.js';
import { language, languages, t } from './i18n.js';
import { challenge } from './lobby.js';
import { go } from './navigate.js';
import { nameOf } from './names.js';
import { store } from './store.js';

export function startPeople() {
  store.onCurrent('members game', render);
  store.on('current me replay names', render);
  languages.addEventListener('change', render);
}

function render() {
  const talk = store.current;
  const members = talk ? [...talk.members.values()] : [];
  members.sort((a, b) => Number(b.id === store.me?.id) - Number(a.id === store.me?.id) || nameOf(a).localeCompare(nameOf(b)));
  const beyond = talk ? talk.online - members.length : 0;
  byId('crowd').hidden = !talk?.crowd;
  byId('crowd').textContent = talk?.crowd ? t('crowd', { count: talk.online, more: Math.max(0, beyond) }) : '';
  reconcile(byId('members'), members.map((user) => row(user, talk)));
}

function row(user, talk) {
  const me = user.id === store.me?.id;
  const seat = talk.game && ['red', 'yellow'].find((player) => talk.game.players[player]?.id === user.id);
  const role = talk.game ? t(seat ? `plays_${seat}` : 'watches') : '';
  const name = h.bind(null, 'span', { class: 'entry-name' });
  return {
    key: user.id,
    sig: [nameOf(user), me, role, language()].join('\u0000'),
    make: () =>
      h(
        'li',
        { class: 'entry person' },
        me
          ? h('span', { class: 'entry-open self' }, avatar(user), name(nameOf(user)), h('span', { class: 'entry-role' }, [t('you'), role].filter(Boolean).join(' · ')))
          : h('button', { type: 'button', class: 'entry-open', 'data-focus': 'open', title: t('write_to', { name: nameOf(user) }), onClick: () => go({ peer: user }) }, avatar(user), name(nameOf(user)), role ? h('span', { class: 'entry-role' }, role) : null),
        me ? null : h('button', { type: 'button', class: 'icon-button small', 'data-focus': 'challenge', 'aria-label': t('challenge_name', { name: nameOf(user) }), title: t('challenge_name', { name: nameOf(user) }), onClick: () => challenge(user) }, icon('disc')),
      ),
  };
}
