/** One row of a conversation: a message, one on its way, a day line, or what the room did. */
import { avatar } from './avatar.js';
import { h } from './dom.js';
import { language, parts, t } from './i18n.js';
import { knownUser, nameOf } from './names.js';
import { mentionsMe } from './rich/mentions.js';
import { peopleOf } from './rich/people.js';
import { messageBody } from './rich/render.js';
import { store } from './store.js';
import { clockTime, dayName, moment } from './time.js';
import { errorWords } from './wrong.js';

export function dayRow(key, date) {
  return {
    key: `d${key}`,
    sig: `${key} ${dayName(date)}`,
    make: () => h('div', { class: 'day' }, h('span', null, dayName(date))),
  };
}

/** The line before what has not been read. */
export function dividerRow() {
  return { key: 'unread', sig: language(), make: () => h('div', { class: 'unread-line' }, h('span', null, t('new_messages'))) };
}

/**
 * @param {object} event `message` or `private`
 * @param {boolean} continued the row before is the same person's
 * @param {{openPeer: (user: object) => void, openRoom: (room: string) => void}} go
 * @param {import('./talk.js').Talk} talk
 */
export function messageRow(event, continued, go, talk) {
  const mine = event.from.id === store.me?.id;
  const at = new Date(event.at);
  return {
    key: `m${event.seq}`,
    sig: [event.id, continued, mine, nameOf(event.from), event.body.includes('@') && store.me && nameOf(store.me), language()].join(' '),
    make: () =>
      h(
        'article',
        { class: 'message', 'data-mine': mine, 'data-continued': continued, 'data-seq': event.seq, 'data-mentions-me': !mine && mentionsMe(event) },
        continued ? null : avatar(event.from),
        h(
          'header',
          { class: continued ? 'message-head sr-only' : 'message-head' },
          author(event.from, mine, continued, go.openPeer),
          h('time', { class: 'message-time', datetime: event.at, title: moment(at) }, clockTime(at)),
        ),
        continued ? h('span', { class: 'message-time aside', 'aria-hidden': 'true' }, clockTime(at)) : null,
        body(event, talk, go),
      ),
  };
}

function body(event, talk, go) {
  const named = event.mentions?.map(knownUser).filter(Boolean);
  return messageBody(event, named ?? (event.body.includes('@') ? peopleOf(talk) : []), go);
}

function author(user, mine, continued, openPeer) {
  if (mine) return h('span', { class: 'message-author' }, nameOf(user), h('span', { class: 'mine-mark' }, t('you')));
  if (continued) return h('span', { class: 'message-author' }, nameOf(user));
  return h('button', { type: 'button', class: 'message-author', title: t('write_to', { name: nameOf(user) }), onClick: () => openPeer(user) }, nameOf(user));
}

/** A message the server has not answered yet, or refused. */
export function pendingRow(entry, { retry, discard }) {
  const failed = entry.error !== null;
  return {
    key: `p${entry.key}`,
    sig: [failed, entry.error?.code, language()].join(' '),
    make: () =>
      h(
        'article',
        { class: 'message', 'data-mine': true, 'data-state': failed ? 'failed' : 'pending' },
        avatar(store.me ?? { id: '', name: '?' }),
        h('header', { class: 'message-head' }, h('span', { class: 'message-author' }, store.me ? nameOf(store.me) : '', h('span', { class: 'mine-mark' }, t('you'))), h('span', { class: 'message-time' }, t(failed ? 'failed' : 'sending'))),
        h('div', { class: 'message-body', dir: 'auto' }, entry.body),
        failed
          ? h('p', { class: 'message-trouble' }, h('span', null, errorWords(entry.error)), h('button', { type: 'button', class: 'link', onClick: () => retry(entry) }, t('retry')), h('button', { type: 'button', class: 'link', onClick: () => discard(entry) }, t('discard')))
          : null,
      ),
  };
}

/** What the room itself did: somebody sat down, a game ended. Names in it are links as elsewhere. */
export function systemRow(event, talk, go) {
  const [key, users] = systemWords(event, talk);
  if (!key) return null;
  const named = Object.entries(users);
  const sig = [key, ...named.map(([, user]) => (typeof user === 'string' ? user : `${user.id} ${nameOf(user)}`)), language()].join(' ');
  const link = (user) => (typeof user === 'string' ? user : person(user, go));
  return { key: `s${event.seq}`, sig, make: () => h('p', { class: 'system' }, ...parts(key, Object.fromEntries(named.map(([name, user]) => [name, link(user)])))) };
}

function person(user, go) {
  if (user.id === store.me?.id) return nameOf(user);
  return h('button', { type: 'button', class: 'system-name', title: t('write_to', { name: nameOf(user) }), onClick: () => go.openPeer(user) }, nameOf(user));
}

/** A line that nobody said. */
export function lineRow(key, words) {
  return { key, sig: words, make: () => h('p', { class: 'system' }, words) };
}

/** The words' key, and whom they name: a user, or a colour where nobody sits. */
function systemWords(event, talk) {
  const who = (player) => talk.game?.players[player] ?? t(player);
  switch (event.type) {
    case 'created':
      return ['room_made', {}];
    case 'seated':
      return [`log_seated_${event.player}`, { name: event.user }];
    case 'ended':
      if (event.result === 'drawn') return ['log_drawn', {}];
      return [`log_${event.result}`, { winner: who(event.winner), loser: who(event.winner === 'red' ? 'yellow' : 'red') }];
    case 'rematch_offered':
      return ['log_rematch_offered', { name: who(event.player) }];
    case 'rematch_withdrawn':
      return ['log_rematch_withdrawn', { name: who(event.player) }];
    case 'rematched':
      return ['log_rematched', { name: who(event.begins) }];
    default:
      return [null, {}];
  }
}
