/** The lists at the side: rooms, tables, private conversations, each with who is there and what is new. */
import { callsOf } from './attention.js';
import { byId, h, reconcile } from './dom.js';
import { icon } from './icons.js';
import { language, languages, t } from './i18n.js';
import { avatar } from './avatar.js';
import { isMine, isShown } from './lobby.js';
import { nameOf } from './names.js';
import { go, sitDown } from './navigate.js';
import { client, patiently } from './session.js';
import { store } from './store.js';
import { roomTitle, talkTitle } from './titles.js';

/** What a conversation may want of me; the first that applies is shown. */
const CALLS = ['turn', 'rematch', 'came', 'mention'];

const REFRESH_MS = 5_000;
const PAGES_MAX = 4;

let timer = null;

export function startRooms() {
  store.on('talks listed current entries unread members me game names', render);
  store.on('connection', () => {
    if (store.connection.state === 'open') refresh();
  });
  document.addEventListener('visibilitychange', refresh);
  languages.addEventListener('change', render);
  render();
}

/** Ask for the list again now, and go on asking while anyone looks. */
export async function refresh() {
  clearTimeout(timer);
  timer = setTimeout(refresh, REFRESH_MS);
  if (document.visibilityState !== 'visible' || !client.isOpen) return;
  try {
    const rooms = [];
    let page = { more: true };
    for (let pages = 0; page.more && pages < PAGES_MAX; pages += 1) {
      const after = page.next;
      page = await patiently(() => client.request('rooms', { after, games: true }));
      rooms.push(...page.rooms);
    }
    store.listed = rooms;
    store.listedMore = page.more;
    store.changed('listed');
  } catch {
    // The next round tries again.
  }
}

function render() {
  const talks = [...store.talks.values()].filter((talk) => talk.entered);
  const joined = new Set(talks.map((talk) => talk.room));
  const byRoom = new Map(store.listed.map((room) => [room.room, room]));
  const mine = talks.filter((talk) => talk.room).map((talk) => ({ ...byRoom.get(talk.room), room: talk.room, kind: talk.kind, online: talk.online, talk }));
  const open = store.listed.filter((room) => !joined.has(room.room)).map((room) => ({ ...room, talk: null }));
  open.sort((a, b) => b.online - a.online || a.room.localeCompare(b.room));
  const all = [...mine, ...open];
  const tables = all.filter((room) => room.kind === 'connect4');
  reconcile(byId('rooms'), all.filter((room) => room.kind !== 'connect4').map(roomRow));
  const now = client.serverNow();
  const own = tables.filter(isMine).sort(byNewest);
  const others = tables.filter((table) => !isMine(table) && isShown(table, now)).sort(byNewest);
  reconcile(byId('my-games'), own.map(tableRow));
  byId('my-games-title').hidden = own.length === 0;
  reconcile(byId('tables'), others.map(tableRow));
  byId('tables-empty').hidden = others.length > 0 || own.length > 0;
  const privates = talks.filter((talk) => talk.peer);
  byId('private-section').hidden = privates.length === 0;
  reconcile(byId('privates'), privates.map(privateRow));
}

function entry({ key, talk, title, note = '', glyph, online, act, extra = [], extraSig = '' }) {
  const unread = talk ? talk.unread(store.me) : 0;
  const calls = talk ? callsOf(talk) : new Set();
  const call = CALLS.find((one) => calls.has(one));
  const current = talk !== null && talk === store.current && !store.replay;
  return {
    key,
    sig: [title, note, online, unread, call, current, Boolean(talk), language(), extraSig].join('\u0000'),
    make: () =>
      h(
        'li',
        { class: 'entry', 'data-joined': Boolean(talk), 'data-current': current, 'data-unread': unread > 0 || call !== undefined, 'data-call': call },
        h(
          'button',
          { type: 'button', class: 'entry-open', 'data-focus': 'open', 'aria-current': current ? 'page' : null, onClick: act },
          glyph(),
          h('span', { class: 'entry-words' }, h('span', { class: 'entry-name' }, title), note ? h('span', { class: 'entry-note' }, note) : null),
          online === null ? null : online === 0 ? null : h('span', { class: 'entry-online', title: t('online_count', { count: online }) }, h('span', { class: 'entry-count', 'aria-hidden': 'true' }, icon('people'), online), h('span', { class: 'sr-only' }, `, ${t('online_count', { count: online })}`)),
          call && call !== 'mention' ? h('span', { class: 'call' }, t(`call_${call}`)) : null,
          unread ? h('span', { class: 'badge', 'data-mention': calls.has('mention') }, h('span', { 'aria-hidden': 'true' }, unread > 99 ? '99+' : unread), h('span', { class: 'sr-only' }, `, ${t('unread_count', { count: unread })}${calls.has('mention') ? `, ${t('call_mention')}` : ''}`)) : null,
        ),
        ...extra,
      ),
  };
}

function byNewest(one, other) {
  return Date.parse(other.last_at ?? 0) - Date.parse(one.last_at ?? 0) || one.room.localeCompare(other.room);
}

/** Who plays and how it stands: "Ann – Bo, move 12". */
function tableWords(table) {
  const listed = table.game;
  const players = table.talk?.game?.players ?? (listed && { red: listed.players.red?.user, yellow: listed.players.yellow?.user });
  if (!players) return '';
  const [red, yellow] = ['red', 'yellow'].map((player) => players[player] && nameOf(players[player]));
  const status = table.talk?.game?.status ?? listed.status;
  const moves = table.talk?.game?.moves.length ?? listed.moves;
  if (status === 'waiting') return red || yellow ? t('table_waits', { name: red ?? yellow }) : '';
  const names = { red: red ?? t('red'), yellow: yellow ?? t('yellow') };
  return status === 'over' ? t('table_over', names) : t('table_playing', { ...names, count: moves + 1 });
}

function roomRow({ room, kind, online, talk }) {
  const glyph = () => icon(kind === 'counter' ? 'tally' : 'chat');
  return entry({ key: room, talk, title: roomTitle(room, kind), glyph, online: online ?? 0, act: () => go({ room }) });
}

function tableRow(table) {
  const { room, kind, online, talk, seats_free: free } = table;
  const title = roomTitle(room, kind);
  const game = talk?.game;
  const canSit = game ? !game.you && !(game.players.red && game.players.yellow) : free !== 0;
  const extra = [];
  if (!talk) {
    if (canSit) extra.push(h('button', { type: 'button', class: 'chip-button', 'data-focus': 'sit', 'aria-label': t('sit_at', { table: title }), onClick: () => sitDown(room) }, t('play')));
    extra.push(h('button', { type: 'button', class: 'chip-button quiet', 'data-focus': 'watch', 'aria-label': t('watch_table', { table: title }), onClick: () => go({ room }) }, t('watch')));
  }
  return entry({ key: room, talk, title, note: tableWords(table), glyph: () => icon('disc'), online: online ?? 0, act: () => go({ room }), extra, extraSig: String(canSit) });
}

function privateRow(talk) {
  return entry({ key: talk.id, talk, title: talkTitle(talk), glyph: () => avatar(talk.peer), online: null, act: () => go({ peer: talk.peer }) });
}
