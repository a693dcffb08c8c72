/** The first visit: what this is and what one can do, until one has done something. */
import { byId, h } from './dom.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';
import { playNow } from './lobby.js';
import { showPanel } from './panels.js';
import { person } from './prefs.js';
import { store } from './store.js';

/** Somebody with a keyboard writes at once; on a phone the focus would bring up half a screen of keys. */
const HAS_KEYBOARD = matchMedia('(hover: hover) and (pointer: fine)');

export function startWelcome() {
  store.on('pending', ({ talk }) => talk?.pending.length && meet());
  store.on('current replay', render);
  languages.addEventListener('change', render);
  render();
}

/** Put the focus where one writes, when the page was just opened. */
export function focusComposer() {
  const { activeElement } = document;
  if (HAS_KEYBOARD.matches && (activeElement === null || activeElement === document.body) && !store.current?.game) byId('composer-text').focus();
}

/** The visitor has done something: they know now. */
function meet() {
  if (person.read('met', false)) return;
  person.write('met', true);
  render();
}

function render() {
  const pane = byId('welcome');
  pane.hidden = person.read('met', false) || Boolean(store.replay) || store.current?.kind !== 'chat';
  if (pane.hidden) return pane.replaceChildren();
  const act = (id, glyph, words, does) => h('button', { type: 'button', class: 'button', id, onClick: () => does() }, icon(glyph), t(words));
  const close = h('button', { type: 'button', class: 'icon-button', id: 'welcome-close', 'aria-label': t('close'), title: t('close'), onClick: meet }, icon('close'));
  return pane.replaceChildren(
    h('h2', { id: 'welcome-title' }, t('welcome_title')),
    close,
    h('p', null, t('welcome_text')),
    h('div', { class: 'welcome-acts' }, act('welcome-say', 'chat', 'welcome_say', () => byId('composer-text').focus()), act('welcome-play', 'disc', 'welcome_play', () => (meet(), playNow())), act('welcome-clock', 'clock', 'welcome_clock', () => (meet(), showClock()))),
  );
}

function showClock() {
  if (byId('show-rooms').offsetParent !== null) showPanel('rooms', 'hide-rooms');
  byId('clock').classList.remove('shown-off');
  requestAnimationFrame(() => byId('clock').classList.add('shown-off'));
}
