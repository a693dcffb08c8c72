/** A game in progress: the board, the two who play, whose turn it is, and what can be done. */
import { announce, attempt, note } from '../announce.js';
import { h } from '../dom.js';
import { enter, wayTo } from '../entering.js';
import { ask } from '../dialogs.js';
import { icon } from '../icons.js';
import { language, t } from '../i18n.js';
import { go, linkTo } from '../navigate.js';
import { accessTo } from '../memory.js';
import { client } from '../session.js';
import { store } from '../store.js';
import { Board } from './board.js';
import { nameOf } from '../names.js';
import { linkBox } from './links.js';
import { other } from './model.js';
import { drop, fanfare, setSounds, sounds } from './sound.js';
import { eventWords, headline, spectatorCount, statusWords } from './words.js';
import { playerCard } from './players.js';

/** The view that stands on the stage, if one does. */
let view = null;

/** Build the game of the room in view. */
export function gameView(stage) {
  const talk = store.current;
  const board = new Board((column) => play(column));
  const parts = {
    players: h('div', { class: 'players' }),
    status: h('p', { class: 'status', id: 'game-status' }),
    watching: h('p', { class: 'watching', id: 'spectators' }),
    invite: h('div', { class: 'invite' }),
    actions: h('div', { class: 'game-actions' }),
  };
  stage.append(h('div', { class: 'game' }, parts.players, parts.status, h('div', { class: 'board-frame' }, board.element), parts.invite, parts.actions, parts.watching));
  view = { talk, board, parts, busy: false, sig: '' };
  render(false);
}

store.onCurrent('game members me', ({ talk, event }) => {
  if (!view || view.talk !== talk || !view.board.element.isConnected) return;
  render(event?.type === 'played');
  if (event) tell(talk.game, event);
});

/** 1 to 7 play wherever the focus is, unless one is writing. */
document.addEventListener('keydown', (event) => {
  if (!view?.board.element.isConnected || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (!/^[1-7]$/.test(event.key) || event.target.closest?.('input, textarea, dialog')) return;
  event.preventDefault();
  play(Number(event.key) - 1);
});

async function play(column) {
  const { talk, board } = view;
  const { game } = talk;
  if (!board.mayDrop(column)) return announce(whyNot(game, column));
  if (view.busy) return undefined;
  view.busy = true;
  render(false);
  await attempt(() => client.request('play', { room: talk.room, column }));
  view.busy = false;
  if (view.talk === talk) render(false);
  return undefined;
}

function whyNot(game, column) {
  if (!game.you) return t('error_not_a_player');
  if (game.mayMove && game.cells[column].length >= 6) return t('error_column_full');
  return statusWords(game);
}

function tell(game, event) {
  const words = eventWords(game, event);
  if (words) announce(words);
  if (event.type === 'played') drop(event.row);
  if (event.type === 'ended') fanfare(event.result === 'drawn' ? 'drawn' : game.you && game.winner !== game.you ? 'lost' : 'won');
}

function render(animate) {
  const { talk, board, parts, busy } = view;
  const { game } = talk;
  const waits = busy || !client.isOpen;
  board.update({ cells: game.cells, last: game.last, line: game.line, offered: game.mayMove && !waits ? game.you : null, animate });
  parts.players.replaceChildren(playerCard(talk, 'red'), playerCard(talk, 'yellow'));
  renderHeadline();
  parts.status.dataset.turn = game.turn ?? game.winner ?? 'none';
  parts.status.dataset.mine = String(game.mayMove || (game.status === 'over' && game.you !== null && game.winner === game.you));
  const count = spectatorCount(talk);
  parts.watching.replaceChildren(icon('eye'), h('span', null, t('spectators', { count })));
  renderControls(talk, parts);
}

/** The headline counts down while somebody is away. */
function renderHeadline() {
  const { talk, parts } = view;
  clearTimeout(view.ticking);
  const words = headline(talk.game, client.isOpen, client.serverNow());
  if (parts.status.textContent !== words) parts.status.textContent = words;
  if (talk.game.away && parts.status.isConnected) view.ticking = setTimeout(renderHeadline, 250);
}

/** Links and buttons, drawn anew only when they change: a pressed button keeps its focus. */
function renderControls(talk, parts) {
  const { game } = talk;
  const secrets = accessTo(talk.room);
  const sig = [game.status, game.you, [...game.offers].join(), secrets.join, secrets.watch, client.isOpen, sounds(), Boolean(game.players.red && game.players.yellow), game.players.red?.online, game.players.yellow?.online, language()].join(' ');
  if (sig === view.sig) return;
  const held = document.activeElement?.closest?.('.game-actions') ? document.activeElement.id : null;
  view.sig = sig;
  parts.invite.replaceChildren(...links(talk, secrets));
  parts.actions.replaceChildren(...actions(talk));
  if (held && !document.activeElement?.closest?.('.game-actions')) (document.getElementById(held) ?? parts.actions.querySelector('button'))?.focus();
}

function links(talk, { join, watch }) {
  const out = [];
  if (talk.game.status === 'waiting' && join) out.push(linkBox({ id: 'invite-link', label: t('invite_link'), hint: t('invite_hint'), link: linkTo({ to: 'key', how: 'join', key: join }) }));
  if (watch && talk.game.status !== 'over') out.push(linkBox({ id: 'watch-link', label: t('watch_link'), hint: '', link: linkTo({ to: 'key', how: 'watch', key: watch }), small: talk.game.status !== 'waiting' }));
  return out;
}

function actions(talk) {
  const { game, room } = talk;
  const out = [];
  const button = (id, words, glyph, act, style = '') => out.push(h('button', { type: 'button', id, class: `button ${style}`, onClick: act, disabled: !client.isOpen }, glyph ? icon(glyph) : null, words));
  if (!game.you && !(game.players.red && game.players.yellow) && accessTo(room).how !== 'watch') button('sit', t('sit'), null, () => sit(talk), 'primary');
  if (game.you && game.status === 'over' && !game.offers.has(game.you)) {
    button('rematch', t(game.offers.size ? 'rematch_accept' : 'rematch'), 'again', () => attempt(() => client.request('rematch', { room })), 'primary');
  }
  if (game.you && game.offers.has(game.you)) {
    const opponent = game.players[other(game.you)];
    const words = opponent && !opponent.online ? t('rematch_nobody', { name: nameOf(opponent) }) : t('rematch_waiting');
    out.push(h('p', { class: 'waiting-note', id: 'rematch' }, words));
    button('rematch-withdraw', t('rematch_withdraw'), null, () => attempt(() => client.request('rematch', { room, offer: false })), 'quiet');
  }
  if (game.status === 'over') button('replay', t('replay'), 'play', () => go({ replay: { room, key: secretKey(room), game: null } }));
  if (game.you && game.status === 'playing') button('resign', t('resign'), 'flag', () => resign(room), 'quiet');
  const speaker = h('button', { type: 'button', id: 'sound', class: 'icon-button', 'aria-pressed': String(sounds() !== 'off'), 'aria-label': t('sound'), title: t(`sound_${sounds()}`) }, icon(sounds() === 'off' ? 'mute' : 'sound'));
  speaker.addEventListener('click', () => {
    setSounds(sounds() === 'off' ? 'turn' : 'off');
    note(t(`sound_${sounds()}`));
    render(false);
  });
  out.push(speaker);
  return out;
}

/** The key that lets anyone look at an unlisted game, the one that gives away least. */
function secretKey(room) {
  const { key, watch, how } = accessTo(room);
  return how ? (watch ?? key) : null;
}

async function sit(talk) {
  const entered = await attempt(() => enter({ ...wayTo(talk.room), sit: true }));
  if (entered && !entered.game?.you) note(t('seat_gone'));
}

function resign(room) {
  ask({
    title: t('resign_title'),
    body: [h('p', null, t('resign_text'))],
    confirm: t('resign'),
    danger: true,
    act: async () => {
      await attempt(() => client.request('resign', { room }));
      return null;
    },
  });
}

store.on('connection', () => {
  if (view?.board.element.isConnected) render(false);
});
