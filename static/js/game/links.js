/** A link to hand on, with a button that copies it. */
import { copyText, h } from '../dom.js';
import { icon } from '../icons.js';
import { note } from '../announce.js';
import { t } from '../i18n.js';

export function linkBox({ id, label, hint, link, small = false }) {
  const input = h('input', { type: 'text', id, readonly: true, spellcheck: 'false', onFocus: () => input.select() });
  input.value = link;
  const copy = h('button', { type: 'button', class: `button ${small ? '' : 'primary'}`, id: `${id}-copy`, 'aria-label': `${t('copy')}: ${label}` }, icon('link'), h('span', null, t('copy')));
  copy.addEventListener('click', async () => {
    if (await copyText(link)) note(t('link_copied'));
    else input.select();
  });
  return h('div', { class: 'link-box' }, h('label', { for: id }, label), h('div', { class: 'link-row' }, input, copy), hint ? h('p', { class: 'hint' }, hint) : null);
}
