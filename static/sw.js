/** Shows notifications where a page may not (phones), and brings the page forward when one is clicked. Caches nothing. */
addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(bringForward(event.notification.data?.address ?? ''));
});

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

async function bringForward(address) {
  const [page] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!page) return clients.openWindow(`/${address}`);
  page.postMessage({ go: address });
  return page.focus();
}
