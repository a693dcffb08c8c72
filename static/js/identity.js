/** Who sits here: another person in one tab, the same person on another device, and an end to all other sessions. */
import { ParlorClient } from '../client.js';
import { attempt, note } from './announce.js';
import { ask } from './dialogs.js';
import { byId, h } from './dom.js';
import { linkBox } from './game/links.js';
import { languages, t } from './i18n.js';
import { nameOf } from './names.js';
import { becomeAnother, comeBack, isApart, person, prefs, tokenStorage } from './prefs.js';
import { qrCode } from './qr.js';
import { formatAddress, parseAddress } from './router.js';
import { standUpEverywhere } from './seats.js';
import { client } from './session.js';
import { store } from './store.js';
import { errorWords } from './wrong.js';

export function startIdentity() {
  byId('another').addEventListener('click', change);
  languages.addEventListener('change', label);
  label();
}

function label() {
  const own = prefs.read('me', null);
  byId('another').textContent = isApart && own ? t('myself_again', { name: nameOf(own) }) : t(isApart ? 'browser_person' : 'another_person');
  byId('another').title = t(isApart ? 'myself_again_hint' : 'another_person_hint');
}

/** One click, for trying things out: this tab becomes somebody new, or the browser's own person again. */
function change() {
  standUpEverywhere();
  if (isApart) comeBack();
  else becomeAnother();
  location.reload();
}

/** Show a link that makes another device this person. */
export async function useElsewhere() {
  const answer = await attempt(() => client.request('transfer'));
  if (!answer) return;
  const link = `${location.origin}${location.pathname}${formatAddress({ to: 'transfer', token: answer.token })}`;
  const minutes = answer.expires_at ? Math.max(1, Math.round((Date.parse(answer.expires_at) - client.serverNow()) / 60_000)) : null;
  const hint = minutes ? t('transfer_hint', { count: minutes }) : t('transfer_hint_once');
  ask({ title: t('use_elsewhere'), body: [h('p', null, hint), await qrCode(link, t('qr_of_link')), linkBox({ id: 'transfer-link', label: t('link'), hint: t('transfer_secret'), link })], confirm: t('done'), plain: true });
}

/** Void every other session and token of this person. */
export async function signOutElsewhere() {
  await ask({
    title: t('sign_out_title'),
    body: [h('p', null, t('sign_out_text'))],
    confirm: t('sign_out_everywhere'),
    danger: true,
    act: async () => {
      try {
        await client.request('sign_out', { everywhere: true });
        note(t('signed_out'));
        return null;
      } catch (error) {
        return errorWords(error);
      }
    },
  });
}

/**
 * If the address brings an identity along, take it, once it is agreed to. Resolves when the page may connect.
 */
export async function receiveIdentity() {
  const place = parseAddress(location);
  if (place.to !== 'transfer') return;
  // The token is spent or refused: either way it has no business in the address or the history.
  history.replaceState(null, '', location.pathname);
  const before = person.read('me', null);
  if (before && !(await ask({ title: t('transfer_title'), body: [h('p', null, t('transfer_replaces', { name: nameOf(before) }))], confirm: t('transfer_accept') }))) return;
  const messenger = new ParlorClient(client.url);
  try {
    messenger.connect();
    await messenger.ready();
    const { user, token } = await messenger.request('resume', { token: place.token });
    for (const name of ['rooms', 'access', 'read', 'peers']) person.remove(name);
    tokenStorage.setItem('token', token);
    person.write('me', user);
    note(t('transfer_done', { name: nameOf(user) }));
  } catch (error) {
    note(error.code === 'forbidden' ? t('transfer_spent') : errorWords(error));
  } finally {
    messenger.close();
  }
}

/** The name this browser remembers, before the server has said it. */
export function showRememberedName() {
  if (!store.me) store.me = person.read('me', null);
  if (store.me) store.changed('me');
}
