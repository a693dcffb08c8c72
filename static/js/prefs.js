/**
 * What the browser remembers. Three shelves: what a person has chosen for every tab (theme, language, sound), what
 * one tab keeps over a reload (its drafts, its seats), and what belongs to whoever sits here (token, rooms, keys,
 * places read). The last is the browser's, unless this tab is another person's.
 *
 * Storage may be forbidden: then things are remembered as well as the browser allows, at worst as long as the page.
 */
import { SHELF } from './base.js';

function usable(pick) {
  try {
    const storage = pick();
    storage.setItem(`${SHELF}probe`, '1');
    storage.removeItem(`${SHELF}probe`);
    return storage;
  } catch {
    return null;
  }
}

const session = usable(() => sessionStorage);
const local = usable(() => localStorage);

function shelf(storage) {
  const memory = new Map();
  return {
    read(name, otherwise) {
      try {
        const text = storage?.getItem(`${SHELF}${name}`) ?? memory.get(name) ?? null;
        return text === null ? otherwise : JSON.parse(text);
      } catch {
        return otherwise;
      }
    },
    write(name, value) {
      const text = JSON.stringify(value);
      memory.set(name, text);
      try {
        storage?.setItem(`${SHELF}${name}`, text);
      } catch {
        // Full: the memory has it.
      }
    },
    remove(name) {
      memory.delete(name);
      storage?.removeItem(`${SHELF}${name}`);
    },
  };
}

/** Shared by all tabs of the browser. */
export const prefs = shelf(local ?? session);

/** This tab's own. */
export const tab = shelf(session);

/** What belongs to a person, and moves along when the tab becomes somebody else's. */
const OF_A_PERSON = ['token', 'me', 'rooms', 'access', 'read', 'peers', 'closed', 'left', 'met'];

carryOver();

/** Whether this tab is another person than the browser's other tabs. */
export const isApart = tab.read('apart', false) === true;

/** Of whoever sits here. */
export const person = isApart ? tab : prefs;

/** A storage for the client that never throws. */
const storageOn = (shelf) => ({
  getItem: (key) => shelf.read(key, null),
  setItem: (key, value) => shelf.write(key, value),
  removeItem: (key) => shelf.remove(key),
});

export const tokenStorage = storageOn(person);
export const tabStorage = storageOn(tab);

/** From the next load on, this tab is somebody new; the browser's own person stays with the other tabs. */
export function becomeAnother() {
  for (const name of [...OF_A_PERSON, 'pending', 'seats', 'drafts']) tab.remove(name);
  tab.write('apart', true);
}

/** From the next load on, this tab is the browser's person again. */
export function comeBack() {
  for (const name of [...OF_A_PERSON, 'pending', 'seats', 'drafts', 'apart']) tab.remove(name);
}

/** Listen to what other tabs write on the shelf of whoever sits here. */
export function onOtherTabs(name, listener) {
  if (isApart) return;
  addEventListener('storage', ({ key }) => key === `${SHELF}${name}` && listener());
}

/**
 * Tabs used to be a person each. The first one that comes back becomes the browser's; those that follow stay who
 * they were.
 */
function carryOver() {
  if (!local || tab.read('apart', false) || tab.read('token', null) === null) return;
  const { seats, ...rest } = former();
  tab.write('seats', seats);
  if (prefs.read('token', null) !== null) {
    tab.write('apart', true);
    for (const [name, value] of Object.entries(rest)) tab.write(name, value);
    return;
  }
  for (const name of OF_A_PERSON) {
    if (rest[name] !== undefined && rest[name] !== null) prefs.write(name, rest[name]);
    tab.remove(name);
  }
}

/** The old form of a tab's memory: a room's one seat stood beside its keys, each private peer had an entry. */
function former() {
  const seats = {};
  const access = tab.read('access', {});
  for (const [room, { seat, ...keys }] of Object.entries(access)) {
    access[room] = keys;
    if (!seat) continue;
    seats[room] = seat;
    // Who made the game has its keys, and sits at red.
    access[room].seats = { [keys.join ? 'red' : 'yellow']: seat };
  }
  const peers = {};
  for (const name of Object.keys(session ?? {})) {
    const id = /^parlor\.peer\.(.+)$/.exec(name)?.[1];
    if (id) peers[id] = tab.read(`peer.${id}`, null);
  }
  return { seats, token: tab.read('token', null), rooms: tab.read('rooms', null), read: tab.read('read', null), access, peers };
}
