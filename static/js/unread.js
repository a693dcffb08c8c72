/** What has not been read, where it is seen from outside: the tab's title, its icon, the app's badge. */
import { myTurnElsewhere, waitingTotal } from './attention.js';
import { byId } from './dom.js';
import { languages, t } from './i18n.js';
import { store } from './store.js';
import { talkTitle } from './titles.js';

let drawn = -1;

export function startUnread() {
  store.on('entries unread talks current me replay names game', render);
  languages.addEventListener('change', render);
  render();
}

function render() {
  const count = waitingTotal();
  const place = store.replay ? t('replay') : store.current ? talkTitle(store.current) : null;
  document.title = `${count ? `(${count}) ` : ''}${myTurnElsewhere() ? `${t('call_turn')} · ` : ''}${place ? `${place} · ` : ''}Parlor`;
  const badge = byId('rooms-badge');
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? '99+' : String(count);
  if (count === drawn) return;
  drawn = count;
  byId('favicon').href = count ? badgedIcon(count) : 'icon.svg';
  if (count) navigator.setAppBadge?.(count).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

function badgedIcon(count) {
  const digits = count > 9 ? '9+' : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#173f38"/><circle cx="12.500" cy="16" r="7.500" fill="#e2604a"/><circle cx="19.500" cy="16" r="7.500" fill="#f0bd4e"/><circle cx="22" cy="10" r="10" fill="#fff"/><circle cx="22" cy="10" r="9" fill="#c4302b"/><text x="22" y="14.500" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" font-size="12" fill="#fff">${digits}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
