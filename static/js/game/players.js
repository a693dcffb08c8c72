/** The two who play: name, colour, whether they are there, and the countdown when one is not. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { nameOf } from '../names.js';
import { go } from '../navigate.js';
import { client } from '../session.js';
import { store } from '../store.js';
import { discIcon } from './board.js';

export function playerCard(talk, player) {
  const { game } = talk;
  const seat = game.players[player];
  const here = seat && seat.online;
  const mine = game.you === player;
  const card = h(
    'div',
    { class: `player ${player}`, id: `player-${player}`, 'data-turn': game.turn === player, 'data-won': game.winner === player, 'data-here': Boolean(here) },
    discIcon(player),
    h('div', { class: 'player-words' }, h('p', { class: 'player-name' }, seatName(talk, seat), mine ? h('span', { class: 'mine-mark' }, t('you')) : null), presence(game, player, seat)),
  );
  return card;
}

/** The name of who sits there, which leads to a private conversation. */
function seatName(talk, seat) {
  if (!seat) return h('span', null, t('seat_free'));
  if (seat.id === store.me?.id) return h('span', null, nameOf(seat));
  return h('button', { type: 'button', class: 'player-link', title: t('write_to', { name: nameOf(seat) }), onClick: () => go({ peer: seat }) }, nameOf(seat));
}

function presence(game, player, seat) {
  const line = h('p', { class: 'player-state' }, h('span', { class: 'dot', 'aria-hidden': 'true' }));
  const words = h('span');
  line.append(words);
  if (!seat) words.textContent = t(player);
  else if (game.away?.player === player) countDown(words, game.away);
  else if (!seat.online) words.textContent = t('away');
  else words.append(t(player), game.turn === player ? h('span', { class: 'to-move' }, ` · ${t('to_move')}`) : '');
  return line;
}

/** Seconds until the forfeit, ticking as long as the words stand on the page. */
function countDown(words, away) {
  words.className = 'countdown';
  const tick = () => {
    if (away.forfeitsAt === null) {
      words.textContent = t('away');
      return;
    }
    const left = Math.max(0, Math.ceil((away.forfeitsAt - client.serverNow()) / 1000));
    words.textContent = t('forfeits_in', { count: left });
  };
  tick();
  const timer = setInterval(() => {
    if (!words.isConnected || !store.current?.game?.away) return clearInterval(timer);
    return tick();
  }, 500);
}
