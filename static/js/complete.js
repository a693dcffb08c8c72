/** What one is about to write, offered while typing: people after `@`, rooms after `#`, emoji after `:`. */
import { byId, h } from './dom.js';
import { avatar } from './avatar.js';
import { nameOf } from './names.js';
import { peopleOf } from './rich/people.js';
import { store } from './store.js';

const OFFERED = 6;

/** @type {{from: number, options: {insert: string, label: Element[]}[], at: number} | null} */
let offer = null;

/** The module with the emoji, once it is loaded. */
let emoji = null;

export function startCompletion() {
  const text = byId('composer-text');
  // Before the composer hears of the key: Enter chooses here.
  text.addEventListener('keydown', onKey, { capture: true });
  text.addEventListener('input', look);
  text.addEventListener('click', look);
  text.addEventListener('blur', () => setTimeout(close, 150));
  store.on('current', close);
}

async function look() {
  const text = byId('composer-text');
  const before = text.value.slice(0, text.selectionStart);
  if (await replaceName(text, before)) return;
  const [, sign, word] = /(?:^|[\s(])([@#:])([^\s@#:]{0,32}(?: [^\s@#:]{1,20})?)$/u.exec(before) ?? [];
  const options = sign ? await optionsFor(sign, word.toLowerCase()) : [];
  // Somebody typed on while the emoji were being loaded.
  if (text.value.slice(0, text.selectionStart) !== before) return;
  if (options.length === 0) return close();
  offer = { from: before.length - word.length - 1, options, at: 0 };
  render();
}

/** `:smile:` becomes the emoji as soon as its last colon stands there. Answers whether it did. */
async function replaceName(text, before) {
  const [, name] = /(?:^|[\s(]):([a-z_0-9+-]{2,}):$/.exec(before) ?? [];
  if (!name) return false;
  emoji ??= await import('./rich/emoji.js');
  const found = emoji.findEmoji(name, OFFERED).find(({ names }) => names.includes(name));
  if (!found || text.value.slice(0, text.selectionStart) !== before) return false;
  text.setRangeText(found.emoji, before.length - name.length - 2, before.length, 'end');
  text.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

async function optionsFor(sign, word) {
  if (sign === '@') {
    const people = peopleOf(store.current).filter((user) => user.id !== store.me?.id && nameOf(user).toLowerCase().startsWith(word));
    return people.slice(0, OFFERED).map((user) => ({ insert: `@${nameOf(user)} `, label: [avatar(user), h('span', null, nameOf(user))] }));
  }
  if (sign === '#') {
    const rooms = new Set([...[...store.talks.values()].filter((talk) => talk.entered && talk.room).map((talk) => talk.room), ...store.listed.map(({ room }) => room)]);
    const fitting = [...rooms].filter((room) => /^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(room) && room.toLowerCase().startsWith(word));
    return fitting.slice(0, OFFERED).map((room) => ({ insert: `#${room} `, label: [h('span', null, `#${room}`)] }));
  }
  if (!/^[a-z_+-][a-z_0-9]+$/.test(word)) return [];
  // Loaded once: a list that comes late would offer what fitted a shorter word.
  emoji ??= await import('./rich/emoji.js');
  return emoji.findEmoji(word, OFFERED).map(({ emoji, names }) => ({ insert: `${emoji} `, label: [h('span', { class: 'offer-emoji' }, emoji), h('span', null, `:${names[0]}:`)] }));
}

function onKey(event) {
  if (!offer || event.isComposing) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) offer.at = (offer.at + steps[event.key] + offer.options.length) % offer.options.length;
  else if (event.key === 'Enter' || event.key === 'Tab') choose(offer.at);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (offer) render();
}

function choose(at) {
  const { from, options } = offer;
  const text = byId('composer-text');
  const end = text.selectionStart;
  close();
  text.setRangeText(options[at].insert, from, end, 'end');
  text.focus();
  text.dispatchEvent(new Event('input', { bubbles: true }));
}

function close() {
  offer = null;
  const list = byId('offers');
  list.hidden = true;
  list.replaceChildren();
  byId('composer-text').removeAttribute('aria-activedescendant');
}

function render() {
  const list = byId('offers');
  list.hidden = false;
  list.replaceChildren(...offer.options.map(({ label }, at) => h('li', { id: `offer-${at}`, role: 'option', 'aria-selected': String(at === offer.at), onPointerdown: (event) => event.preventDefault(), onClick: () => choose(at) }, ...label)));
  byId('composer-text').setAttribute('aria-activedescendant', `offer-${offer.at}`);
}
