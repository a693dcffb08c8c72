/** Ctrl+K: rooms, people and commands by a few letters of their names. */
import { byId, h } from './dom.js';
import { avatar } from './avatar.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';
import { playNow } from './lobby.js';
import { go } from './navigate.js';
import { nameOf } from './names.js';
import { store } from './store.js';
import { roomTitle, talkTitle } from './titles.js';

const SHOWN_MAX = 12;

let found = [];
let at = 0;

export function startPalette() {
  byId('search').append(icon('search'));
  byId('search').addEventListener('click', open);
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'k') return;
    event.preventDefault();
    if (!document.querySelector('dialog[open]')) open();
  });
  languages.addEventListener('change', () => byId('palette')?.close());
}

function open() {
  const input = h('input', { type: 'text', id: 'palette-input', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-autocomplete': 'list', 'aria-label': t('find'), placeholder: t('find_hint'), autocomplete: 'off', spellcheck: 'false' });
  const list = h('ul', { class: 'palette-list', id: 'palette-list', role: 'listbox', 'aria-label': t('find') });
  const dialog = h('dialog', { class: 'dialog palette', id: 'palette', 'aria-label': t('find') }, input, list);
  const show = () => {
    found = search(input.value.trim().toLowerCase());
    at = 0;
    render(input, list, dialog);
  };
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => onKey(event, input, list, dialog));
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  byId('dialogs').append(dialog);
  dialog.showModal();
  show();
}

function onKey(event, input, list, dialog) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.isComposing) return;
  if (event.key in steps && found.length) {
    event.preventDefault();
    at = (at + steps[event.key] + found.length) % found.length;
    render(input, list, dialog);
  }
  if (event.key === 'Enter' && found[at]) {
    event.preventDefault();
    choose(found[at], dialog);
  }
}

function choose({ act }, dialog) {
  dialog.close();
  act();
}

function render(input, list, dialog) {
  list.replaceChildren(...found.map((one, place) => h('li', { id: `found-${place}`, role: 'option', 'aria-selected': String(place === at), onClick: () => choose(one, dialog) }, one.glyph(), h('span', { class: 'entry-name' }, one.title), h('span', { class: 'entry-role' }, one.kind))));
  if (found.length === 0) list.replaceChildren(h('li', { role: 'option', 'aria-selected': 'false', 'aria-disabled': 'true' }, t('found_nothing')));
  if (found.length) input.setAttribute('aria-activedescendant', `found-${at}`);
  else input.removeAttribute('aria-activedescendant');
  list.children[at]?.scrollIntoView({ block: 'nearest' });
}

/** What fits, names that begin with the word before those that contain it. */
function search(word) {
  const all = [...places(), ...commands()];
  const begins = all.filter(({ title }) => title.toLowerCase().startsWith(word));
  const contains = word ? all.filter((one) => !begins.includes(one) && one.title.toLowerCase().includes(word)) : [];
  return [...begins, ...contains].slice(0, SHOWN_MAX);
}

function places() {
  const talks = [...store.talks.values()].filter((talk) => talk.entered);
  const rooms = talks.map((talk) => ({ title: talkTitle(talk), kind: t(`kind_${talk.kind}`), glyph: () => (talk.peer ? avatar(talk.peer) : icon(talk.game ? 'disc' : 'chat')), act: () => go(talk.peer ? { peer: talk.peer } : { room: talk.room }) }));
  const listed = store.listed.filter(({ room }) => !store.talkOf(room)?.entered);
  const others = listed.map(({ room, kind }) => ({ title: roomTitle(room, kind), kind: t(`kind_${kind}`), glyph: () => icon(kind === 'connect4' ? 'disc' : 'chat'), act: () => go({ room }) }));
  const people = new Map();
  for (const talk of talks) for (const user of talk.members.values()) if (user.id !== store.me?.id && !store.talks.has(`with:${user.id}`)) people.set(user.id, user);
  return [...rooms, ...others, ...[...people.values()].map((user) => ({ title: nameOf(user), kind: t('kind_private'), glyph: () => avatar(user), act: () => go({ peer: user }) }))];
}

function commands() {
  const click = (id) => () => byId(id).click();
  const all = [['new_room', 'plus', click('new-room')], ['new_game', 'plus', click('new-game')], ['play_now', 'disc', playNow], ['change_name', 'pen', click('rename')], ['settings', 'settings', click('open-settings')], ['copy_link', 'link', click('share')]];
  return all.map(([words, glyph, act]) => ({ title: t(words), kind: t('command'), glyph: () => icon(glyph), act }));
}
