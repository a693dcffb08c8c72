/** On a narrow screen the lists and the people are drawers that come when asked for. */
import { byId } from './dom.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';

export function startPanels() {
  for (const [id, name] of [['hide-rooms', 'close'], ['show-rooms', 'menu'], ['show-people', 'people'], ['hide-people', 'close']]) byId(id).prepend(icon(name));
  byId('show-rooms').addEventListener('click', () => {
    showPanel('rooms', 'hide-rooms');
    byId('side').querySelector('.entry[data-unread="true"], .entry[data-unread=""]')?.scrollIntoView({ block: 'nearest' });
  });
  byId('hide-rooms').addEventListener('click', () => showPanel('talk', 'show-rooms'));
  byId('show-people').addEventListener('click', () => {
    if (document.body.dataset.panel === 'people') showPanel('talk');
    else showPanel('people', 'people-title');
  });
  byId('hide-people').addEventListener('click', () => showPanel('talk', 'show-people'));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || document.querySelector('dialog[open]') || document.body.dataset.panel === 'talk') return;
    showPanel('talk', document.body.dataset.panel === 'rooms' ? 'show-rooms' : 'show-people');
  });
  // A drawer lies over the room: whoever goes on to the room, by pointer or by keyboard, closes it.
  document.body.addEventListener('click', ({ target }) => target === document.body && showPanel('talk', 'show-rooms'));
  byId('main').addEventListener('focusin', () => {
    if (document.body.dataset.panel === 'rooms') showPanel('talk');
  });
  languages.addEventListener('change', label);
}

/** Show a panel, and move the focus there. */
export function showPanel(name, focusId) {
  document.body.dataset.panel = name;
  byId('show-people').setAttribute('aria-expanded', String(name === 'people'));
  label();
  if (focusId) byId(focusId).focus();
}

function label() {
  const words = t(document.body.dataset.panel === 'people' ? 'hide_people' : 'show_people');
  byId('show-people').setAttribute('aria-label', words);
  byId('show-people').title = words;
}
