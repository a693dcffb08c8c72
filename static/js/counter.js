/** A number that everyone in the room presses together. */
import { attempt } from './announce.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { nameOf } from './names.js';
import { client } from './session.js';
import { store } from './store.js';

let value = null;
let by = null;

/** Build the counter of the room in view. */
export function counterView(stage) {
  const talk = store.current;
  value = h('output', { class: 'counter-value', id: 'counter-value', 'aria-label': t('counter_value'), 'aria-live': 'polite' });
  by = h('p', { class: 'counter-by' });
  const press = (step, name, label) =>
    h('button', { type: 'button', class: 'press', id: `count-${name}`, 'aria-label': t(label), onClick: () => attempt(() => client.request('count', { room: talk.room, by: step })) }, icon(name));
  stage.append(h('div', { class: 'counter' }, press(-1, 'minus', 'count_down'), h('div', { class: 'counter-middle' }, value, by), press(1, 'plus', 'count_up')));
  render();
}

store.onCurrent('counter', render);

function words(user) {
  if (!user) return t('counter_hint');
  return user.id === store.me?.id ? t('counter_by_you') : t('counter_by', { name: nameOf(user) });
}

function render() {
  const counter = store.current?.counter;
  if (!counter || !value) return;
  const text = new Intl.NumberFormat().format(counter.value);
  if (value.textContent !== text) value.textContent = text;
  by.textContent = words(counter.by);
}
