/** A game again, move by move, read from its room's log; it has an address of its own. */
import { h } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { go, linkTo } from '../navigate.js';
import { nameOf } from '../names.js';
import { store } from '../store.js';
import { Board } from './board.js';
import { fetchLog } from './log.js';
import { linkBox } from './links.js';
import { cellsOf, gamesOf, other } from './model.js';
import { resultWords } from './words.js';
import { errorWords } from '../wrong.js';

const STEP_MS = 900;

/** Build the replay that the address asks for. */
export async function replayView(stage) {
  const place = store.replay;
  const status = h('p', { class: 'status' }, t('opening'));
  stage.append(h('div', { class: 'game' }, status));
  try {
    const log = await fetchLog(place);
    if (store.replay === place && status.isConnected) new Replay(stage, place, log);
  } catch (error) {
    status.textContent = t('cannot_replay', { why: errorWords(error) });
  }
}

class Replay {
  #board = new Board();
  #step = 0;
  #timer = null;

  constructor(stage, place, { room, events }) {
    this.place = { ...place, room };
    this.games = gamesOf(events).filter((game) => game.moves.length > 0 || game.ended);
    if (this.games.length === 0) this.games = [{ begins: 'red', moves: [], ended: null }];
    this.players = { red: null, yellow: null };
    for (const event of events) if (event.type === 'seated') this.players[event.player] = event.user;
    this.number = Math.min(place.game ?? this.games.length, this.games.length);
    this.stage = stage;
    this.#build();
    this.#show(this.game.moves.length, false);
  }

  get game() {
    return this.games[this.number - 1];
  }

  #build() {
    const button = (id, glyph, act) => h('button', { type: 'button', class: 'icon-button', id: `replay-${id}`, 'aria-label': t(`replay_${id}`), title: t(`replay_${id}`), onClick: act }, icon(glyph));
    const total = this.game.moves.length;
    this.status = h('p', { class: 'status', id: 'replay-status', 'aria-live': 'polite' });
    this.range = h('input', { type: 'range', id: 'replay-range', min: 0, max: total, step: 1, 'aria-label': t('replay_step'), onInput: () => this.#pauseAt(Number(this.range.value)) });
    this.playButton = button('play', 'play', () => this.#toggle());
    const controls = h('div', { class: 'replay-controls', role: 'group', 'aria-label': t('replay') }, button('first', 'first', () => this.#pauseAt(0)), button('back', 'back', () => this.#pauseAt(this.#step - 1)), this.playButton, button('next', 'next', () => this.#pauseAt(this.#step + 1)), button('last', 'last', () => this.#pauseAt(total)));
    const { room, key } = this.place;
    const link = linkBox({ id: 'replay-link', label: t('replay_link'), hint: '', link: linkTo({ to: 'replay', room, key, game: this.number }), small: true });
    const back = store.talkOf(room)?.entered || !key ? h('button', { type: 'button', class: 'button', id: 'replay-leave', onClick: () => go({ room }) }, t('back_to_game')) : null;
    const body = h('div', { class: 'game replay' }, this.#heading(), this.status, h('div', { class: 'board-frame' }, this.#board.element), controls, this.range, link, h('div', { class: 'game-actions' }, back));
    body.addEventListener('keydown', (event) => this.#onKey(event));
    this.stage.replaceChildren(body);
  }

  #heading() {
    const names = ['red', 'yellow'].map((player) => (this.players[player] ? nameOf(this.players[player]) : t(player)));
    const words = h('h2', { class: 'replay-title', id: 'replay-title', tabindex: -1 }, t('replay_of', { red: names[0], yellow: names[1] }));
    if (this.games.length < 2) return words;
    const pick = h('select', { id: 'replay-game', 'aria-label': t('replay_which'), onChange: () => go({ replay: { ...this.place, game: Number(pick.value) } }) }, ...this.games.map((_, at) => h('option', { value: at + 1, selected: at + 1 === this.number }, t('replay_number', { number: at + 1 }))));
    return h('div', { class: 'replay-head' }, words, pick);
  }

  #show(step, animate) {
    const { moves, begins, ended } = this.game;
    this.#step = Math.max(0, Math.min(moves.length, step));
    const done = moves.slice(0, this.#step);
    const column = done.at(-1);
    const last = column === undefined ? null : [column, done.filter((move) => move === column).length - 1];
    const atEnd = this.#step === moves.length;
    this.#board.update({ cells: cellsOf(done, begins), last, line: atEnd ? ended?.line ?? [] : [], animate });
    this.range.value = this.#step;
    const player = this.#step % 2 === 1 ? begins : other(begins);
    const move = last ? t('drops', { player: t(player), column: last[0] + 1, row: last[1] + 1 }) : t('replay_begin');
    const result = atEnd && ended ? ` ${resultWords({ ...ended, you: null, players: this.players })}` : '';
    this.status.textContent = `${t('replay_move', { move: this.#step, count: moves.length })} · ${move}${result}`;
    this.range.setAttribute('aria-valuetext', move);
  }

  #pauseAt(step) {
    this.#pause();
    this.#show(step, step === this.#step + 1);
  }

  #toggle() {
    if (this.#timer) return this.#pause();
    if (this.#step >= this.game.moves.length) this.#show(0, false);
    this.#label('pause');
    this.#timer = setInterval(() => {
      if (!this.range.isConnected) return clearInterval(this.#timer);
      this.#show(this.#step + 1, true);
      return this.#step >= this.game.moves.length ? this.#pause() : undefined;
    }, STEP_MS);
    return undefined;
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#label('play');
  }

  #label(what) {
    this.playButton.replaceChildren(icon(what));
    this.playButton.setAttribute('aria-label', t(`replay_${what}`));
    this.playButton.title = t(`replay_${what}`);
  }

  #onKey(event) {
    if (event.target.closest('input, select')) return;
    const steps = { ArrowLeft: this.#step - 1, ArrowRight: this.#step + 1, Home: 0, End: this.game.moves.length };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.#pauseAt(steps[event.key]);
  }
}
