/** The chart that draws itself: latencies of the last messages, a line for each lane. */
const COLOURS = { poll: '#c9503a', long: '#b58413', stream: '#3f8f5f', sse: '#3578b8', websocket: '#8a5cc2' };

/** How many messages are shown. */
const SHOWN = 120;

export class Chart {
  #numbers = [];
  #latencies;
  #names;
  #plot = null;

  /** @param {HTMLElement} place @param {string[]} names */
  constructor(place, names) {
    this.#names = names;
    this.#latencies = names.map(() => []);
    // Read at each drawing: the theme may change.
    const axis = { stroke: () => getComputedStyle(place).color, grid: { stroke: '#88888844' }, ticks: { stroke: '#88888844' } };
    const options = {
      ...size(place),
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { distr: 3, range: (_, min, max) => [Math.max(0.1, Math.min(1, min ?? 1)), Math.max(2_000, max ?? 0)] } },
      axes: [axis, { ...axis, size: 56 }],
      series: [{}, ...names.map((name) => ({ stroke: COLOURS[name], width: 2, spanGaps: true, points: { show: false } }))],
    };
    this.#plot = new globalThis.uPlot(options, this.#data, place);
    new ResizeObserver(() => this.#plot.setSize(size(place))).observe(place);
  }

  /** A lane has heard a message. */
  add(name, number, latencyMs) {
    let at = this.#numbers.indexOf(number);
    if (at < 0) {
      if (number < (this.#numbers.at(-1) ?? 0)) return;
      at = this.#numbers.push(number) - 1;
      for (const line of this.#latencies) line.push(null);
    }
    this.#latencies[this.#names.indexOf(name)][at] = Math.max(0.1, latencyMs);
    while (this.#numbers.length > SHOWN) for (const line of [this.#numbers, ...this.#latencies]) line.shift();
  }

  draw() {
    this.#plot.setData(this.#data);
  }

  get #data() {
    return [this.#numbers, ...this.#latencies];
  }
}

function size(place) {
  return { width: Math.max(200, place.clientWidth - 16), height: 220 };
}
