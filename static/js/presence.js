/** Whether the other one of a private conversation is there. */
import { client, patiently } from './session.js';
import { store } from './store.js';

const LOOK_EVERY_MS = 10_000;

/** How many pages of people are looked through. */
const PAGES_MAX = 4;

let timer = null;

export function startPresence() {
  store.on('current connection', look);
  store.on('members', ({ event }) => event?.user && event.user.id === store.current?.peer?.id && look());
  document.addEventListener('visibilitychange', look);
}

async function look() {
  clearTimeout(timer);
  const talk = store.current;
  if (!talk?.peer || !client.isOpen || document.visibilityState !== 'visible') return;
  timer = setTimeout(look, LOOK_EVERY_MS);
  const online = await isOnline(talk.peer.id).catch(() => null);
  if (online === talk.online) return;
  talk.online = online;
  store.changed('presence', talk);
}

/** Whether somebody is on; null if there are too many people to look through. */
async function isOnline(id) {
  for (const talk of store.talks.values()) if (talk.members.has(id)) return true;
  let page = { more: true };
  for (let pages = 0; page.more; pages += 1) {
    if (pages === PAGES_MAX) return null;
    const after = page.next;
    page = await patiently(() => client.request('users', after ? { after } : {}));
    if (page.users.some((user) => user.id === id)) return true;
  }
  return false;
}
