/** Emoji to pick for a message: a small window above the composer, closed by Escape or by a click elsewhere. */
import { byId, h } from './dom.js';
import { icon } from './icons.js';
import { languages, t } from './i18n.js';

export function startPicker() {
  const button = byId('emoji');
  button.append(icon('smile'));
  button.addEventListener('click', () => (byId('picker').hidden ? open() : close()));
  document.addEventListener('pointerdown', ({ target }) => {
    if (!byId('picker').hidden && !byId('picker').contains(target) && !button.contains(target)) close(false);
  });
  byId('picker').addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  });
  languages.addEventListener('change', () => close(false));
}

async function open() {
  const { EMOJI, findEmoji } = await import('./rich/emoji.js');
  const picker = byId('picker');
  const search = h('input', { type: 'text', id: 'emoji-search', 'aria-label': t('emoji_search'), placeholder: t('emoji_search'), autocomplete: 'off' });
  const results = h('div', { class: 'picker-groups' });
  const buttons = (list) => list.map(({ emoji, names }) => h('button', { type: 'button', class: 'picker-emoji', 'aria-label': names[0].replaceAll('_', ' '), title: `:${names[0]}:`, onClick: () => insert(emoji) }, emoji));
  const show = () => {
    const word = search.value.trim().toLowerCase().replace(/^:|:$/g, '');
    const groups = word ? [[t('emoji_found'), findEmoji(word, 60)]] : Object.entries(EMOJI).map(([key, list]) => [t(key), list]);
    results.replaceChildren(...groups.map(([title, list]) => h('div', { role: 'group', 'aria-label': title }, h('p', { class: 'picker-title' }, title), h('div', { class: 'picker-grid' }, ...buttons(list)))));
  };
  search.addEventListener('input', show);
  show();
  picker.replaceChildren(search, results);
  picker.hidden = false;
  byId('emoji').setAttribute('aria-expanded', 'true');
  search.focus();
}

function close(back = true) {
  if (byId('picker').hidden) return;
  byId('picker').hidden = true;
  byId('picker').replaceChildren();
  byId('emoji').setAttribute('aria-expanded', 'false');
  if (back) byId('composer-text').focus();
}

function insert(emoji) {
  const text = byId('composer-text');
  text.setRangeText(emoji, text.selectionStart, text.selectionEnd, 'end');
  close();
  text.dispatchEvent(new Event('input', { bubbles: true }));
}
