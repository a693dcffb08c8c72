/** The board: an SVG that shows, under seven buttons that play. It knows no rules; it is told what may be offered. */
import { h, s } from '../dom.js';
import { t } from '../i18n.js';
import { COLUMNS, ROWS } from './model.js';

const CELL = 100;
const EDGE = 10;
const HOLE = 41;
const WIDTH = COLUMNS * CELL + 2 * EDGE;
const HEIGHT = ROWS * CELL + 2 * EDGE;

const centre = (column, row) => [EDGE + column * CELL + CELL / 2, EDGE + (ROWS - 1 - row) * CELL + CELL / 2];

/** How long a disc falls to a row. */
const dropTime = (row) => `${Math.round(140 + 95 * Math.sqrt(ROWS - row) * 1.6)}ms`;

let boards = 0;

/** The mark that tells the colours apart without colour: red wears a ring, yellow a diamond. */
export function discShape(player) {
  const mark = player === 'red' ? s('circle', { class: 'disc-mark', r: 19 }) : s('path', { class: 'disc-mark', d: 'M0-22L22 0L0 22L-22 0Z' });
  return [s('circle', { class: 'disc-face', r: HOLE + 2 }), s('circle', { class: 'disc-rim', r: 34 }), mark];
}

/** A small disc to stand beside a name. */
export function discIcon(player) {
  return s('svg', { class: `disc-icon ${player}`, viewBox: '-46 -46 92 92', 'aria-hidden': 'true' }, ...discShape(player));
}

export class Board {
  #discs = s('g', { class: 'discs' });
  #marks = s('g', { class: 'marks' });
  #ghost = s('g', { class: 'ghost' });
  #shown = new Map();
  #buttons = [];
  #state = null;
  #ring = null;
  #ringed = '';
  #aimed = null;

  /** @param {(column: number) => void} [onDrop] without it, the board only shows */
  constructor(onDrop) {
    const holes = `holes-${(boards += 1)}`;
    const each = (make) => Array.from({ length: COLUMNS * ROWS }, (_, at) => make(...centre(at % COLUMNS, Math.floor(at / COLUMNS))));
    const mask = s('mask', { id: holes }, s('rect', { width: WIDTH, height: HEIGHT, fill: 'white' }), ...each((cx, cy) => s('circle', { cx, cy, r: HOLE, fill: 'black' })));
    const front = s('rect', { class: 'board-front', width: WIDTH, height: HEIGHT, rx: 26, mask: `url(#${holes})` });
    const rims = s('g', { class: 'board-rims' }, ...each((cx, cy) => s('circle', { cx, cy, r: HOLE })));
    const back = s('rect', { class: 'board-back', x: 4, y: 4, width: WIDTH - 8, height: HEIGHT - 8, rx: 24 });
    const picture = s('svg', { class: 'board-picture', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true', focusable: 'false' }, mask, back, this.#discs, this.#ghost, front, rims, this.#marks);
    this.element = h('div', { class: 'board' }, picture);
    if (onDrop) this.element.append(this.#columns(onDrop));
  }

  /**
   * @param {object} state
   * @param {string[][]} state.cells `cells[column][row]`
   * @param {[number, number] | null} state.last
   * @param {[number, number][]} state.line
   * @param {string | null} [state.offered] whose disc may be dropped from here, if any
   * @param {boolean} [state.animate] whether what is new drops, or is just there
   */
  update(state) {
    this.#state = state;
    this.#drawDiscs(state);
    this.#drawMarks(state);
    this.element.dataset.offered = state.offered ?? '';
    this.element.dataset.over = String(state.line.length > 0);
    this.#buttons.forEach((button, column) => {
      button.setAttribute('aria-disabled', String(!this.mayDrop(column)));
      button.setAttribute('aria-label', this.#columnWords(column));
    });
    this.#drawGhost();
  }

  mayDrop(column) {
    return Boolean(this.#state?.offered) && this.#state.cells[column].length < ROWS;
  }

  /** Put the keyboard on the board. */
  focus() {
    (this.#buttons.find((button) => button.tabIndex === 0) ?? this.element).focus();
  }

  #columns(onDrop) {
    this.#buttons = Array.from({ length: COLUMNS }, (_, column) =>
      h('button', {
        type: 'button',
        class: 'column',
        tabindex: column === 3 ? 0 : -1,
        'data-column': column,
        onClick: () => onDrop(column),
        onPointerenter: () => this.#aim(column),
        onPointerleave: () => this.#aim(null),
        onFocus: () => this.#aim(column),
        onBlur: () => this.#aim(null),
      }),
    );
    const group = h('div', { class: 'columns', role: 'group', 'aria-label': t('columns'), onKeydown: (event) => this.#onKey(event) }, ...this.#buttons);
    return group;
  }

  #onKey(event) {
    const here = this.#buttons.indexOf(document.activeElement);
    const steps = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: COLUMNS - 1 };
    if (here < 0 || !(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const to = (steps[event.key] + COLUMNS) % COLUMNS;
    this.#buttons.forEach((button, column) => (button.tabIndex = column === to ? 0 : -1));
    this.#buttons[to].focus();
  }

  #aim(column) {
    this.#aimed = column;
    this.#drawGhost();
  }

  #drawGhost() {
    const column = this.#aimed;
    this.#ghost.replaceChildren();
    if (column === null || !this.mayDrop(column)) return;
    const [x, y] = centre(column, this.#state.cells[column].length);
    this.#ghost.append(s('g', { class: `disc ${this.#state.offered}`, transform: `translate(${x} ${y})` }, ...discShape(this.#state.offered)));
  }

  #drawDiscs({ cells, animate }) {
    const there = new Set();
    cells.forEach((column, x) =>
      column.forEach((player, y) => {
        const key = `${x} ${y} ${player}`;
        there.add(key);
        if (this.#shown.has(key)) return;
        const [cx, cy] = centre(x, y);
        const fall = s('g', { class: animate ? 'fall' : '' }, ...discShape(player));
        fall.style.setProperty('--drop', `${-(cy + CELL / 2)}px`);
        fall.style.setProperty('--drop-time', dropTime(y));
        const disc = s('g', { class: `disc ${player}`, 'data-cell': `${x},${y}`, transform: `translate(${cx} ${cy})` }, fall);
        this.#shown.set(key, disc);
        this.#discs.append(disc);
      }),
    );
    for (const [key, disc] of this.#shown) {
      if (there.has(key)) continue;
      disc.remove();
      this.#shown.delete(key);
    }
  }

  #drawMarks({ last, line, animate }) {
    const winning = new Set(line.map(String));
    for (const disc of this.#shown.values()) disc.classList.toggle('winning', winning.has(disc.getAttribute('data-cell')));
    const key = String(last);
    // Drawn anew, the ring of a disc that lies there already would vanish for a moment.
    const ring = last && this.#ringed !== key ? s('circle', { class: animate ? 'last landing' : 'last', cx: centre(...last)[0], cy: centre(...last)[1], r: HOLE - 3 }) : this.#ring;
    if (last && ring !== this.#ring) ring.style.setProperty('--drop-time', dropTime(last[1]));
    this.#ring = last ? ring : null;
    this.#ringed = key;
    for (const mark of [...this.#marks.children]) if (mark !== this.#ring) mark.remove();
    this.#marks.append(
      ...(last && !this.#ring.isConnected ? [this.#ring] : []),
      ...line.map(([column, row]) => s('circle', { class: 'shine', cx: centre(column, row)[0], cy: centre(column, row)[1], r: HOLE + 1 })),
    );
  }

  #columnWords(column) {
    const discs = this.#state.cells[column];
    const content = discs.length ? t('column_holds', { discs: discs.map((player) => t(player)).join(', ') }) : t('column_empty');
    const full = discs.length === ROWS ? ` ${t('column_is_full')}` : '';
    return `${t('column_number', { column: column + 1 })}: ${content}${full}`;
  }
}
