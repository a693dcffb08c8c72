/** Notifications for a page that nobody looks at, for who has asked for them. */
import { prefs } from './prefs.js';

const BODY_MAX = 140;

/** Called with the address that a clicked notification is about. */
let follow = () => {};

/** @param {(address: string) => void} listener */
export function onNotificationClick(listener) {
  follow = listener;
  navigator.serviceWorker?.addEventListener('message', ({ data }) => typeof data?.go === 'string' && follow(data.go));
  navigator.serviceWorker?.startMessages();
}

/** `off`, `on`, `denied` by the browser, or `missing`: without TLS, or on a browser that has none. */
export function notifications() {
  if (!globalThis.isSecureContext || !('Notification' in globalThis)) return 'missing';
  if (Notification.permission === 'denied') return 'denied';
  return prefs.read('notify', false) && Notification.permission === 'granted' ? 'on' : 'off';
}

/** Turn them on or off; the browser asks the person. Answers how it stands then. */
export async function setNotifications(on) {
  if (on && notifications() !== 'missing' && (await Notification.requestPermission()) === 'granted') {
    prefs.write('notify', true);
    await worker();
  } else {
    prefs.write('notify', false);
  }
  return notifications();
}

/** Tell of something in a conversation, unless somebody looks at the page. One notification per conversation stands. */
export async function notify(talk, title, body) {
  if (document.visibilityState === 'visible' || notifications() !== 'on') return;
  const options = { body: body.slice(0, BODY_MAX), tag: talk.id, icon: 'icons/icon-192.png', data: { address: talk.peer ? `?with=${encodeURIComponent(talk.peer.id)}` : `?room=${encodeURIComponent(talk.room)}` } };
  try {
    const registration = await worker();
    await registration.showNotification(title, options);
  } catch {
    // Desktop browsers show them without a worker too.
    new Notification(title, options).addEventListener('click', () => {
      window.focus();
      follow(options.data.address);
    });
  }
}

async function worker() {
  await navigator.serviceWorker.register('sw.js');
  return navigator.serviceWorker.ready;
}
