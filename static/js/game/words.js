/** A game in sentences. */
import { t } from '../i18n.js';
import { nameOf } from '../names.js';
import { store } from '../store.js';
import { other } from './model.js';

/** The name of whoever plays a colour. */
export function playerName(game, player) {
  return game.players[player] ? nameOf(game.players[player]) : t(player);
}

/** Minutes and seconds until a moment, as a clock shows them: "0:41". */
export function clockUntil(at, now) {
  const seconds = Math.max(0, Math.ceil((at - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Where the game stands, in one sentence. Who is away in their turn is not thinking; nobody is, as far as we know, while we are cut off. */
export function headline(game, isOpen, now) {
  if (!isOpen) return t('reconnecting');
  const { away } = game;
  if (game.status !== 'playing' || !away || away.player === game.you) return statusWords(game);
  const name = playerName(game, away.player);
  if (away.forfeitsAt === null) return t('away_now', { name });
  const time = clockUntil(away.forfeitsAt, now);
  if (game.you) return t('away_you_win', { name, time });
  return t('away_other_wins', { name, time, winner: playerName(game, other(away.player)) });
}

/** Where the game stands, in one sentence. */
export function statusWords(game) {
  if (game.status === 'waiting') return t(game.you ? 'waiting_you' : 'waiting_other');
  if (game.status === 'over') return resultWords(game);
  if (game.turn === null) return '';
  if (game.you === game.turn) return t(`turn_you_${game.turn}`);
  return t(`turn_other_${game.turn}`, { name: playerName(game, game.turn) });
}

/** How it ended, in one sentence. */
export function resultWords(game) {
  if (game.result === 'drawn') return t('result_drawn');
  const winner = playerName(game, game.winner);
  const loser = playerName(game, other(game.winner));
  if (game.you === game.winner) return t(`result_${game.result}_you`, { loser });
  if (game.you) return t(`result_${game.result}_lost`, { winner });
  return t(`result_${game.result}`, { winner, loser });
}

/** What just happened, for those who listen. */
export function eventWords(game, event) {
  switch (event.type) {
    case 'played': {
      const drop = t('drops', { player: t(event.player), column: event.column + 1, row: event.row + 1 });
      return `${drop} ${statusWords(game)}`.trim();
    }
    case 'ended':
      return resultWords(game);
    case 'seated':
      return `${t(`log_seated_${event.player}`, { name: nameOf(event.user) })} ${statusWords(game)}`;
    case 'rematch_offered':
      return t('log_rematch_offered', { name: playerName(game, event.player) });
    case 'rematch_withdrawn':
      return t('log_rematch_withdrawn', { name: playerName(game, event.player) });
    case 'rematched':
      return `${t('log_rematched', { name: playerName(game, event.begins) })} ${statusWords(game)}`;
    case 'away':
      return event.player === game.you ? '' : t('is_away', { name: playerName(game, event.player) });
    case 'back':
      return event.player === game.you ? '' : t('is_back', { name: playerName(game, event.player) });
    default:
      return '';
  }
}

/** How many watch: everyone here but the players. */
export function spectatorCount(talk) {
  const seated = new Set(Object.values(talk.game.players).filter(Boolean).map((seat) => seat.id));
  const here = [...seated].filter((id) => talk.members.has(id) || id === store.me?.id).length;
  return Math.max(0, talk.online - here);
}
