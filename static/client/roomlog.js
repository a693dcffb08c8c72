/**
 * Where a client stands in one room's log, so that it sees every sequenced event once and in order.
 *
 * A room's `seq` grows by exactly one. So the next event is `seq + 1`; anything at or below is a double;
 * anything above means that something is missing, and the log has to be asked for it before more is shown.
 */
export class RoomLog {
  /**
   * @param {string} room its name, or `@inbox`
   * @param {{key?: string, seat?: string}} [access] what proves that we may come in and where we sit
   */
  constructor(room, access = {}) {
    this.room = room;
    this.access = access;
    this.epoch = /** @type {string | null} */ (null);
    this.seq = 0;
    /** Whether the server has us in the room on this connection. */
    this.joined = false;
    /** Live events that came while a gap was being filled. */
    this.held = /** @type {object[]} */ ([]);
    this.filling = false;
  }

  /** The `since` of the next join, or nothing when we have never been there. */
  since() {
    return this.epoch === null ? undefined : { epoch: this.epoch, seq: this.seq };
  }

  /**
   * A live event arrived.
   *
   * @param {{seq: number}} event
   * @returns {'show' | 'double' | 'gap' | 'held'} what to do with it; `gap` asks for a join with {@link since}
   */
  accept(event) {
    if (this.filling) {
      this.held.push(event);
      return 'held';
    }
    if (event.seq <= this.seq) return 'double';
    if (event.seq > this.seq + 1) {
      this.filling = true;
      this.held.push(event);
      return 'gap';
    }
    this.seq = event.seq;
    return 'show';
  }

  /**
   * The answer to a join arrived.
   *
   * @param {{epoch: string, seq: number, recovered: boolean, events: {seq: number}[]}} reply
   * @returns {{reset: boolean, events: object[]}} the events to show now; with `reset`, instead of all shown before
   */
  settle(reply) {
    const reset = !reply.recovered && !(this.epoch === reply.epoch && this.seq === reply.seq);
    const fresh = reset ? reply.events : reply.events.filter((event) => event.seq > this.seq);
    this.epoch = reply.epoch;
    this.seq = reply.seq;
    this.joined = true;
    this.filling = false;
    const held = this.held.filter((event) => event.seq > this.seq);
    this.held = [];
    for (const event of held) this.seq = Math.max(this.seq, event.seq);
    return { reset, events: [...fresh, ...held] };
  }

  /** The connection went: the place in the log stays, being in the room does not. */
  lose() {
    this.joined = false;
    this.filling = false;
    this.held = [];
  }
}
