/** All that the page knows, and who wants to hear when it changes. */

class Store extends EventTarget {
  /** Who we are, `{id, name}`. */
  me = null;
  /** The connection's state, as the client library says it. */
  connection = { state: 'connecting' };
  /** The last measured round trip, in milliseconds. */
  roundTripMs = null;
  /** @type {Map<string, import('./talk.js').Talk>} */
  talks = new Map();
  /** @type {import('./talk.js').Talk | null} */
  current = null;
  /** A replay being looked at, instead of a conversation. */
  replay = null;
  /** Rooms anyone may enter, as the server lists them. */
  listed = [];
  listedMore = false;

  /** Say that `what` has changed, for one talk or in general. */
  changed(what, talk = null, more = {}) {
    this.dispatchEvent(new CustomEvent(what, { detail: { talk, ...more } }));
  }

  /**
   * @param {string} names changes to hear of, separated by spaces: me connection trip talks current entries pending
   *   members typing unread game counter listed replay tick names
   * @param {(detail: {talk: object | null}) => void} listener
   */
  on(names, listener) {
    for (const name of names.split(' ')) this.addEventListener(name, ({ detail }) => listener(detail));
  }

  /** Listen to changes of the conversation in view. */
  onCurrent(names, listener) {
    this.on(names, (detail) => {
      if (detail.talk && detail.talk === this.current) listener(detail);
    });
  }

  talkOf(room) {
    return this.talks.get(`room:${room}`);
  }

  unreadTotal() {
    let total = 0;
    for (const talk of this.talks.values()) total += talk.unread(this.me);
    return total;
  }
}

export const store = new Store();
