/**
 * Connect Four as far as a page has to know it: where the discs lie and what may be offered. The server decides.
 * Pure: no DOM, no network.
 */

export const COLUMNS = 7;
export const ROWS = 6;

export const other = (player) => (player === 'red' ? 'yellow' : 'red');

/** The discs of `moves`, column by column from the bottom: `cells[column][row]` is a player. */
export function cellsOf(moves, begins) {
  const cells = Array.from({ length: COLUMNS }, () => []);
  let player = begins;
  for (const column of moves) {
    cells[column].push(player);
    player = other(player);
  }
  return cells;
}

export class Game {
  /**
   * @param {object} game of a join's reply
   * @param {number} seq of the same reply: events up to it are in `game` already
   */
  constructor(game, seq) {
    this.seq = seq;
    this.moves = [...game.moves];
    this.begins = game.begins;
    this.turn = game.turn;
    this.status = game.status;
    this.result = game.result ?? null;
    this.winner = game.winner ?? null;
    this.line = game.line ?? [];
    this.you = game.you ?? null;
    this.spectators = game.spectators ?? 0;
    this.players = { red: seatOf(game.players?.red), yellow: seatOf(game.players?.yellow) };
    /** Who has asked for a rematch. */
    this.offers = new Set(game.rematch_offered ? [game.rematch_offered] : []);
    /** @type {{player: string, forfeitsAt: number | null} | null} */
    this.away = null;
    for (const player of ['red', 'yellow']) {
      const at = game.players?.[player]?.forfeits_at;
      if (at) this.away = { player, forfeitsAt: Date.parse(at) };
    }
  }

  /** The discs on the board. */
  get cells() {
    return cellsOf(this.moves, this.begins);
  }

  /** The newest disc, `[column, row]`, or null. */
  get last() {
    const column = this.moves.at(-1);
    if (column === undefined) return null;
    return [column, this.moves.filter((move) => move === column).length - 1];
  }

  /** Whether the page may offer `column` to whoever sits here. */
  mayDrop(column) {
    return this.mayMove && this.cells[column].length < ROWS;
  }

  get mayMove() {
    return this.status === 'playing' && this.you !== null && this.turn === this.you;
  }

  /** Take an event in. Answers false if it changes nothing here, or was in the reply already. */
  apply(event) {
    if (event.seq !== undefined) {
      if (event.seq <= this.seq) return false;
      this.seq = event.seq;
    }
    const change = CHANGES[event.type];
    if (!change) return false;
    change(this, event);
    return true;
  }
}

const CHANGES = {
  seated(game, { player, user }) {
    game.players[player] = { ...user, online: true };
    if (game.players.red && game.players.yellow && game.status === 'waiting') {
      game.status = 'playing';
      game.turn = game.begins;
    }
  },
  played(game, { column, turn }) {
    game.moves.push(column);
    // A last move is followed by its `ended`, which says how.
    game.turn = turn;
  },
  ended(game, { result, winner, line }) {
    Object.assign(game, { status: 'over', turn: null, result, winner, line: line ?? [], away: null });
    game.offers.clear();
  },
  rematch_offered(game, { player }) {
    game.offers.add(player);
  },
  rematch_withdrawn(game, { player }) {
    game.offers.delete(player);
  },
  rematched(game, { begins }) {
    Object.assign(game, { moves: [], begins, turn: begins, status: 'playing', result: null, winner: null, line: [], away: null });
    game.offers.clear();
  },
  away(game, { player, forfeits_at: at }) {
    if (game.players[player]) game.players[player].online = false;
    game.away = { player, forfeitsAt: at ? Date.parse(at) : null };
  },
  back(game, { player }) {
    if (game.players[player]) game.players[player].online = true;
    if (game.away?.player === player) game.away = null;
  },
  joined(game, { user }) {
    for (const seat of Object.values(game.players)) if (seat?.id === user.id) seat.online = true;
  },
  left(game, { user }) {
    for (const seat of Object.values(game.players)) if (seat?.id === user.id) seat.online = false;
  },
};

function seatOf(seat) {
  return seat?.user ? { ...seat.user, online: seat.online !== false } : null;
}

/**
 * The games of a room's log, one after the other.
 *
 * @param {object[]} events in order, from the first
 * @returns {{begins: string, moves: number[], ended: object | null}[]}
 */
export function gamesOf(events) {
  const games = [{ begins: 'red', moves: [], ended: null }];
  for (const event of events) {
    if (event.type === 'played') games.at(-1).moves.push(event.column);
    if (event.type === 'ended') games.at(-1).ended = event;
    if (event.type === 'rematched') games.push({ begins: event.begins, moves: [], ended: null });
  }
  return games;
}
