/** The client library on an empty page: what it is told, and what it hears. */
const WAIT_MS = Number(process.env.WAIT_MS ?? 30_000);

/** Times in which a test has patience, in milliseconds. A WebSocket is tried again only where a test says when. */
export const TIMES = { againMs: 3_600_000 };

export class Guest {
  /**
   * A guest of the room `trap`, on a page of its own.
   *
   * @param {import('playwright-core').BrowserContext} context
   * @param {string} url the server's, or a proxy's
   * @param {object} [options] for `ParlorClient`
   */
  static async enter(context, url, options = {}) {
    const guest = new Guest();
    guest.page = await context.newPage();
    await guest.page.goto(`${url}robots.txt`);
    await guest.page.evaluate(
      async ([where, settings]) => {
        const { ParlorClient } = await import('/client.js');
        const client = new ParlorClient(where, { storage: sessionStorage, ...settings });
        const seen = { bodies: [], transports: [], states: [], lost: [] };
        Object.assign(globalThis, { client, seen });
        client.addEventListener('message', ({ detail }) => seen.bodies.push(detail.body));
        client.addEventListener('transport', ({ detail }) => seen.transports.push(detail.transport));
        client.addEventListener('state', ({ detail }) => seen.states.push(detail));
        client.addEventListener('lost', ({ detail }) => seen.lost.push(detail.room));
        client.connect();
        client.join({ room: 'trap' }, { timeoutMs: 600_000 });
      },
      [`${url.replace(/^http/, 'ws')}ws`, { ...options, times: { ...TIMES, ...options.times } }],
    );
    return guest;
  }

  /** Wait until `condition`, a function of the page, is true. */
  until(condition, arg) {
    return this.page.waitForFunction(condition, arg, { timeout: WAIT_MS, polling: 50 });
  }

  /** Wait until frames come by this transport. */
  uses(transport) {
    return this.until((name) => globalThis.client.transport === name && globalThis.client.isOpen, transport);
  }

  say(body) {
    return this.page.evaluate((words) => globalThis.client.say('trap', words).then(({ seq }) => seq), body);
  }

  /** Say several things, one after another. */
  async saysAll(bodies) {
    await this.page.evaluate((all) => Promise.all(all.map((words) => globalThis.client.say('trap', words))).then(() => {}), bodies);
  }

  ask(type, fields) {
    return this.page.evaluate(([what, more]) => globalThis.client.request(what, more, { timeoutMs: 60_000 }), [type, fields]);
  }

  /** Wait until as many messages were heard, and return them. */
  async hears(count) {
    await this.until((many) => globalThis.seen.bodies.length >= many, count);
    return this.page.evaluate(() => globalThis.seen.bodies);
  }

  seen(what) {
    return this.page.evaluate((name) => globalThis.seen[name], what);
  }
}
