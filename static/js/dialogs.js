/** Small windows that ask something: the browser's own <dialog>, so focus and Escape work as they should. */
import { byId, h } from './dom.js';
import { t } from './i18n.js';

/**
 * Ask, and wait. The dialog goes when it is answered or dismissed.
 *
 * @param {object} what
 * @param {string} what.title
 * @param {Element[]} what.body
 * @param {string} what.confirm the words on the button that does it
 * @param {boolean} [what.danger] whether that button should look like one to think about
 * @param {boolean} [what.plain] nothing to cancel: one button closes it
 * @param {(form: HTMLFormElement) => Promise<string | null>} [what.act] does it; a string is why it failed, and the dialog stays
 * @returns {Promise<boolean>} whether it was confirmed
 */
export function ask({ title, body, confirm, danger = false, plain = false, act = async () => null }) {
  return new Promise((resolve) => {
    const trouble = h('p', { class: 'trouble', role: 'alert' });
    const yes = h('button', { type: 'submit', class: `button ${danger ? 'danger' : 'primary'}` }, confirm);
    const no = plain ? null : h('button', { type: 'button', class: 'button', onClick: () => dialog.close() }, t('cancel'));
    const form = h('form', { novalidate: true }, h('h2', { id: 'dialog-title' }, title), ...body, trouble, h('div', { class: 'dialog-actions' }, no, yes));
    const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' }, form);
    let confirmed = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      yes.disabled = true;
      const why = await act(form);
      yes.disabled = false;
      trouble.textContent = why ?? '';
      if (why) return form.querySelector('input')?.focus();
      confirmed = true;
      dialog.close();
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(confirmed);
    });
    byId('dialogs').append(dialog);
    dialog.showModal();
    const first = form.querySelector('input[type=text]');
    first?.select();
    if (danger) no?.focus();
  });
}

/** A labelled line of text to fill in. */
export function field({ id, label, value = '', hint = '', max = 64 }) {
  const input = h('input', { type: 'text', id, name: id, maxlength: max, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': hint ? `${id}-hint` : null });
  input.value = value;
  return h('div', { class: 'field' }, h('label', { for: id }, label), input, hint ? h('p', { class: 'hint', id: `${id}-hint` }, hint) : null);
}

/** A box to tick. */
export function tick({ id, label, hint = '', checked = false }) {
  const box = h('input', { type: 'checkbox', id, name: id, 'aria-describedby': hint ? `${id}-hint` : null });
  box.checked = checked;
  return h('div', { class: 'field tick' }, box, h('label', { for: id }, label), hint ? h('p', { class: 'hint', id: `${id}-hint` }, hint) : null);
}

/** One of a few: a group of radio buttons. */
export function choice({ name, legend, options, value, onChange }) {
  return h(
    'fieldset',
    { class: 'field choice' },
    h('legend', null, legend),
    h(
      'div',
      { class: 'choice-options' },
      ...options.map(([option, label]) => {
        const id = `${name}-${option}`;
        const radio = h('input', { type: 'radio', id, name, value: option, onChange: () => onChange?.(option) });
        radio.checked = option === value;
        return h('label', { class: 'choice-option', for: id }, radio, h('span', null, label));
      }),
    ),
  );
}
