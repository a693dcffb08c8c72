/**
 * One conversation as the page knows it: a room, or the private one with a person. Pure: no network, no DOM.
 */

/** How many entries the conversation in view keeps once the reader is at the newest. */
export const KEPT_SHOWN = 800;

/** With so many, and somebody reading back, what comes is counted and not kept: it is loaded when they return. */
export const KEPT_READING = 4000;

/** How many any other conversation keeps. */
export const KEPT_AWAY = 200;

const KEPT = { shown: KEPT_SHOWN, away: KEPT_AWAY };

/** Sequenced events that stand in a conversation; the others only change a board or a number. */
const SHOWN = new Set(['message', 'private', 'created', 'seated', 'ended', 'rematch_offered', 'rematch_withdrawn', 'rematched']);

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
    /** Whether somebody reads back here, away from the newest. */
    this.reading = false;
    /** Whether newer entries than ours were not kept. */
    this.behind = false;
    /** How many unread entries were let go: those of others up to `trimmedSeq`. */
    this.unreadTrimmed = 0;
    this.trimmedSeq = 0;
    /** @type {Map<string, {id: string, name: string}>} */
    this.members = new Map();
    /** Users here; of a private conversation, whether the other one is on, `null` as long as that is not known. */
    this.online = peer ? null : 0;
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
    this.unreadTrimmed = 0;
    this.trimmedSeq = 0;
    this.behind = false;
    this.add(events);
  }

  /** The server's log is another one now. */
  beginAnew(epoch) {
    if (this.epoch !== null && this.epoch !== epoch) this.former = [...this.former, ...this.entries].slice(-KEPT_SHOWN);
    this.epoch = epoch;
  }

  /** Take in an event that just happened. Answers whether it was kept. */
  hear(event, me) {
    if (this.reading && this.entries.length >= KEPT_READING) this.behind = true;
    if (this.behind) return false;
    this.add([event], me);
    return true;
  }

  /** Put events where their `seq` belongs; doubles are dropped. Answers how many were new and shown. */
  add(events, me) {
    let added = 0;
    for (const event of events) {
      this.oldest = Math.min(this.oldest, event.seq);
      if (!SHOWN.has(event.type)) continue;
      const at = this.#place(event.seq);
      if (this.entries[at]?.seq === event.seq) continue;
      this.entries.splice(at, 0, event);
      if (event.seq <= this.trimmedSeq && isUnread(event, this.readSeq, me)) this.unreadTrimmed -= 1;
      added += 1;
    }
    return added;
  }

  /**
   * Let go of the oldest entries; scrolling up asks for them again.
   *
   * @param {'shown' | 'away'} where whether the conversation is in view
   * @param {{id: string}} [me] whose own entries never count as unread
   */
  trim(where, me) {
    const beyond = this.entries.length - KEPT[where];
    if (beyond <= 0) return;
    for (const event of this.entries.splice(0, beyond)) {
      if (isUnread(event, this.readSeq, me)) this.unreadTrimmed += 1;
      this.trimmedSeq = Math.max(this.trimmedSeq, event.seq);
    }
    this.oldest = this.entries[0].seq;
    this.more = true;
  }

  /** How many entries of others came after the last one read. */
  unread(me) {
    let count = Math.max(0, this.unreadTrimmed);
    for (let at = this.entries.length - 1; at >= 0 && this.entries[at].seq > this.readSeq; at -= 1) {
      if (isUnread(this.entries[at], this.readSeq, me)) count += 1;
    }
    return count;
  }

  /** Everything up to the newest has been read. */
  markRead() {
    this.readTo(this.newest);
  }

  /** Everything up to `seq` has been read. Answers whether that is news. */
  readTo(seq) {
    if (seq <= this.readSeq) return false;
    this.readSeq = seq;
    if (seq >= this.trimmedSeq) this.unreadTrimmed = 0;
    return true;
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

function isUnread({ from, seq }, readSeq, me) {
  return seq > readSeq && Boolean(from) && from.id !== me?.id;
}
