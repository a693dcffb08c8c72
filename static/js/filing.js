import { heardName } from './names.js';
import { store } from './store.js';

/** Put an event into its conversation. Only the one in view keeps many. */
export function file(talk, event) {
  if (event.from) heardName(event.from, Date.parse(event.at));
  talk.hear(event, store.me);
  if (talk !== store.current) talk.trim('away', store.me);
}
