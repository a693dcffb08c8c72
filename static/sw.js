/** Shows notifications where a page may not (phones), and opens what a clicked one is about. Caches nothing. */
addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPlace(event.notification.data?.address ?? ''));
});

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

/** In a page that is open, the one used last before others; else in a new one. */
async function openPlace(address) {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find(({ url }) => url.split(/[?#]/)[0] === registration.scope);
  if (!page) return clients.openWindow(new URL(registration.scope).pathname + address);
  page.postMessage({ go: address });
  return page.focus();
}
