/**
 * One conversation as the page knows it: a room, or the private one with a person. Pure: no network, no DOM.
 */

/** How many entries are kept once the reader is back at the newest. */
const ENTRIES_KEPT = 800;

/** Sequenced events that stand in a conversation; the others only change a board or a number. */
const SHOWN = new Set(['message', 'private', 'created', 'seated', 'ended', 'rematch_offered', 'rematched']);

export class Talk {
  /**
   * @param {string} id `room:NAME` or `with:USER-ID`
   * @param {{name: string, room?: string, peer?: {id: string, name: string}, kind: string}} what
   */
  constructor(id, { name, room = null, peer = null, kind }) {
    this.id = id;
    this.name = name;
    this.room = room;
    this.peer = peer;
    this.kind = kind;
    /** @type {object[]} events in order of `seq` */
    this.entries = [];
    /** What was shown of a log that the server has lost since: it stays to be read, and is no longer the room's. */
    this.former = [];
    this.epoch = null;
    /** The lowest `seq` we have seen, shown or not: where older ones begin. */
    this.oldest = Infinity;
    this.more = false;
    this.loading = false;
    /** How many pages in a row held nothing to show: a counter's log is mostly presses. */
    this.barren = 0;
    /** @type {{key: string, body: string, at: number, error: Error | null}[]} */
    this.pending = [];
    this.readSeq = 0;
    /** @type {Map<string, {id: string, name: string}>} */
    this.members = new Map();
    this.online = 0;
    this.crowd = false;
    this.entered = false;
    /** @type {Map<string, {name: string, until: number}>} */
    this.typing = new Map();
    this.game = null;
    this.counter = null;
  }

  /** Forget what was shown, then begin with `events`. */
  reset(events, more) {
    this.entries = [];
    this.oldest = Infinity;
    this.more = more;
    this.add(events);
  }

  /** The server's log is another one now. */
  beginAnew(epoch) {
    if (this.epoch !== null && this.epoch !== epoch) this.former = [...this.former, ...this.entries].slice(-ENTRIES_KEPT);
    this.epoch = epoch;
  }

  /** Put events where their `seq` belongs; doubles are dropped. Answers how many were new and shown. */
  add(events) {
    let added = 0;
    for (const event of events) {
      this.oldest = Math.min(this.oldest, event.seq);
      if (!SHOWN.has(event.type)) continue;
      const at = this.#place(event.seq);
      if (this.entries[at]?.seq === event.seq) continue;
      this.entries.splice(at, 0, event);
      added += 1;
    }
    return added;
  }

  /** Let go of the oldest entries; scrolling up asks for them again. */
  trim() {
    if (this.entries.length <= ENTRIES_KEPT) return;
    this.entries.splice(0, this.entries.length - ENTRIES_KEPT);
    this.oldest = this.entries[0].seq;
    this.more = true;
  }

  /** How many entries of others came after the last one read. */
  unread(me) {
    let count = 0;
    for (let at = this.entries.length - 1; at >= 0 && this.entries[at].seq > this.readSeq; at -= 1) {
      const { from } = this.entries[at];
      if (from && from.id !== me?.id) count += 1;
    }
    return count;
  }

  /** The newest `seq` that is shown. */
  get newest() {
    return this.entries.at(-1)?.seq ?? 0;
  }

  /** An own entry arrived: the first pending one that says the same is no longer pending. */
  arrived(event) {
    const at = this.pending.findIndex(({ body, error }) => body === event.body && !error);
    if (at >= 0) this.pending.splice(at, 1);
  }

  settle(key) {
    this.pending = this.pending.filter((entry) => entry.key !== key);
  }

  /** Somebody is called something else now. */
  rename(user) {
    if (this.members.has(user.id)) this.members.set(user.id, user);
    if (this.peer?.id === user.id) {
      this.peer = user;
      this.name = user.name;
    }
    for (const seat of Object.values(this.game?.players ?? {})) if (seat?.id === user.id) seat.name = user.name;
  }

  #place(seq) {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
