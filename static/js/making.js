/** Making things: a room, a game, a name, and how the page should look and speak. */
import { note } from './announce.js';
import { byId, h } from './dom.js';
import { ask, choice, field, tick } from './dialogs.js';
import { enter } from './entering.js';
import { icon } from './icons.js';
import { signOutElsewhere, useElsewhere } from './identity.js';
import { LANGUAGES, language, languages, setLanguage, t } from './i18n.js';
import { dressAvatar } from './avatar.js';
import { isNamed, nameOf } from './names.js';
import { go } from './navigate.js';
import { notifications, setNotifications } from './notify.js';
import { refresh } from './rooms.js';
import { openTable, playNow } from './lobby.js';
import { client } from './session.js';
import { store } from './store.js';
import { THEMES, setTheme, theme } from './theme.js';
import { setSounds, sounds } from './game/sound.js';
import { errorWords } from './wrong.js';

export function startMaking() {
  byId('new-room').append(icon('plus'));
  byId('new-game').append(icon('plus'));
  byId('open-settings').append(icon('settings'));
  byId('new-room').addEventListener('click', newRoom);
  byId('new-game').addEventListener('click', newGame);
  byId('play-now').addEventListener('click', playNow);
  byId('rename').addEventListener('click', rename);
  byId('open-settings').addEventListener('click', settings);
  store.on('me', renderMe);
  languages.addEventListener('change', renderMe);
}

/** Do it; the words of why not, if not. */
async function tryTo(act) {
  try {
    await act();
    return null;
  } catch (error) {
    return errorWords(error);
  }
}

/** Which room the dialog has opened. */
let opened = null;

/** Ask; then go there, once the dialog has given back the focus. */
async function open(what) {
  if (!(await ask(what))) return;
  go({ room: opened });
  refresh();
}

function newRoom() {
  const act = (form) =>
    tryTo(async () => {
      const name = form.elements['room-name'].value.trim();
      const kind = form.elements['room-kind'].value;
      const unlisted = form.elements['room-unlisted'].checked;
      if (!name && kind === 'chat') throw new Error(t('name_needed'));
      // Nobody who wants a room of their own is to find themselves in somebody else's.
      const enterThat = form.dataset.exists === name;
      const made = enterThat ? { room: name } : await client.request('create', { kind, ...(name ? { room: name } : {}), unlisted }).catch((error) => {
        if (error.code !== 'name_taken') throw error;
        if (kind === 'chat' && !unlisted) return { room: name };
        form.dataset.exists = name;
        form.querySelector('[type=submit]').textContent = t('enter_that');
        throw new Error(t('room_exists', { room: name }));
      });
      await enter({ room: made.room });
      opened = made.room;
    });
  open({
    title: t('new_room'),
    body: [
      field({ id: 'room-name', label: t('room_name') }),
      choice({ name: 'room-kind', legend: t('room_kind'), options: [['chat', t('kind_chat')], ['counter', t('kind_counter')]], value: 'chat' }),
      tick({ id: 'room-unlisted', label: t('unlisted'), hint: t('unlisted_hint') }),
    ],
    confirm: t('open_room'),
    act,
  });
}

function newGame() {
  const act = (form) =>
    tryTo(async () => {
      const name = form.elements['game-name'].value.trim();
      const unlisted = !form.elements['game-listed'].checked;
      opened = await openTable({ name, unlisted });
    });
  open({
    title: t('new_game'),
    body: [field({ id: 'game-name', label: t('game_name'), hint: t('game_name_hint') }), tick({ id: 'game-listed', label: t('listed'), hint: t('listed_hint'), checked: true })],
    confirm: t('start_game'),
    act,
  });
}

function rename() {
  const act = (form) => tryTo(() => client.request('rename', { name: form.elements['my-name'].value.trim() }));
  ask({
    title: t('change_name'),
    body: [field({ id: 'my-name', label: t('your_name'), value: store.me && isNamed(store.me) ? store.me.name : '', hint: t('name_hint'), max: 32 })],
    confirm: t('save_name'),
    act,
  });
}

function settings() {
  // Chosen at once, so that one sees what one chooses; the dialog is drawn anew in a new language.
  const body = [
    choice({ name: 'theme', legend: t('theme'), options: THEMES.map((one) => [one, t(`theme_${one}`)]), value: theme(), onChange: setTheme }),
    choice({
      name: 'language',
      legend: t('language'),
      options: Object.entries(LANGUAGES),
      value: language(),
      onChange: async (chosen) => {
        await setLanguage(chosen);
        byId('dialogs').querySelector('dialog')?.close();
        settings();
        byId(`language-${chosen}`)?.focus();
      },
    }),
    choice({ name: 'sound', legend: t('sound'), options: ['off', 'turn', 'on'].map((one) => [one, t(`sound_choice_${one}`)]), value: sounds(), onChange: setSounds }),
    notificationChoice(),
  ];
  const elsewhere = [['use-elsewhere', 'use_elsewhere', useElsewhere], ['sign-out', 'sign_out_everywhere', signOutElsewhere]].map(([id, words, act]) => {
    const button = h('button', { type: 'button', class: 'button', id }, t(words));
    button.addEventListener('click', () => {
      button.closest('dialog').close();
      act();
    });
    return button;
  });
  body.push(h('div', { class: 'field', role: 'group', 'aria-labelledby': 'you-title' }, h('p', { class: 'legend', id: 'you-title' }, t('your_identity')), h('div', { class: 'settings-actions' }, ...elsewhere)));
  ask({ title: t('settings'), body: [h('div', { class: 'settings' }, ...body)], confirm: t('done'), plain: true });
}

/** Notifications are asked for here, and nowhere else. Where there can be none, it says why. */
function notificationChoice() {
  const state = notifications();
  if (state === 'missing' || state === 'denied') return h('div', { class: 'field' }, h('p', { class: 'legend' }, t('notifications')), h('p', { class: 'hint', id: 'notifications-why' }, t(`notifications_${state}`)));
  const box = tick({ id: 'notifications', label: t('notifications'), hint: t('notifications_hint'), checked: state === 'on' });
  const input = box.querySelector('input');
  input.addEventListener('change', async () => {
    const now = await setNotifications(input.checked);
    input.checked = now === 'on';
    if (now === 'denied') note(t('notifications_denied'));
  });
  return box;
}

function renderMe() {
  const { me } = store;
  if (!me) return;
  byId('me-name').textContent = nameOf(me);
  dressAvatar(byId('me-avatar'), me);
}
