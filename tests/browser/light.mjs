/** How heavy the page is: what a first and a second visit ask for, and how files are kept. Times are measured by measure.mjs, not here. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { Tab, profile } from './lib/browser.mjs';
import { check } from './lib/report.mjs';

function get(url, headers = {}) {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks).length }));
    }).on('error', reject).end();
  });
}

export async function run({ browser, server }) {
  const context = await profile(browser);

  /** The requests of a visit, beside the WebSocket, that went over the wire. */
  async function visit() {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    const asked = new Map();
    let bytes = 0;
    session.on('Network.responseReceived', ({ requestId, response }) => {
      if (!response.fromDiskCache && !response.fromPrefetchCache) asked.set(requestId, response);
    });
    session.on('Network.requestServedFromCache', ({ requestId }) => asked.delete(requestId));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (asked.has(requestId)) bytes += encodedDataLength;
    });
    session.on('Network.webSocketFrameReceived', ({ response }) => (bytes += response.payloadData.length));
    const tab = new Tab();
    tab.page = page;
    await page.goto(server.url);
    await tab.connected();
    const urls = [...asked.values()].map(({ url }) => new URL(url).pathname);
    await page.close();
    return { urls, bytes };
  }

  await check('a first visit asks for little, at most 60 KB; a second one asks once', async () => {
    const cold = await visit();
    assert.ok(cold.bytes <= 60_000, `${cold.bytes} bytes for ${cold.urls}`);
    assert.ok(cold.urls.filter((url) => url.endsWith('.js')).length === 1, String(cold.urls));
    const warm = await visit();
    assert.deepEqual(warm.urls, ['/']);
    assert.ok(warm.bytes < 6_000, `${warm.bytes}`);
  });

  await check('no name that a module exports hides one of the browser’s in the others', async () => {
    const root = new URL('../../static/', import.meta.url);
    const paths = ['client.js', ...['js', 'client'].flatMap((folder) => readdirSync(new URL(folder, root), { recursive: true }).map((path) => `${folder}/${path}`))];
    const sources = paths.filter((path) => path.endsWith('.js')).map((path) => readFileSync(new URL(path, root), 'utf8'));
    const names = sources.flatMap((source) => [...source.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)].map(([, name]) => name));
    assert.ok(names.length > 200, String(names.length));
    const page = await context.newPage();
    await page.goto(`${server.url}robots.txt`);
    assert.deepEqual(await page.evaluate((all) => all.filter((name) => name in globalThis), names), []);
    await page.close();
  });

  await check('the connection is opened while the script is still on its way, and it is the only one', async () => {
    for (const locale of ['en-GB', 'zh-CN']) {
      const fresh = await profile(browser, { locale });
      const page = await fresh.newPage();
      const sockets = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      let words = locale !== 'zh-CN';
      page.on('request', (request) => (words ||= /lang\/zh\.\w+\.js$/.test(request.url())));
      // The script comes when these have been asked for, and so never if it is the script that asks.
      await page.route(/app\.\w+\.js$/, async (route) => {
        while (sockets.length === 0 || !words) await new Promise((resolve) => setTimeout(resolve, 20));
        await route.continue();
      });
      await page.goto(server.url, { waitUntil: 'commit' });
      const tab = new Tab();
      tab.page = page;
      await tab.connected();
      assert.equal(sockets.length, 1);
      await fresh.close();
    }
  });

  await check('nobody is connected before they have agreed to become somebody else', async () => {
    const page = await context.newPage();
    await page.route(/app\.\w+\.js$/, (route) => route.abort());
    await page.goto(`${server.url}#transfer=x`, { waitUntil: 'commit' });
    await page.waitForSelector('#composer-text', { state: 'attached' });
    assert.equal(await page.evaluate(() => typeof globalThis.parlorEarly), 'undefined');
    await page.close();
  });

  await check('files come compressed, kept for ever or asked for again, as their names allow', async () => {
    const html = await get(server.url, { 'accept-encoding': 'br, gzip' });
    assert.deepEqual([html.headers['content-encoding'], html.headers['cache-control'], html.headers.vary], ['br', 'no-cache', 'accept-encoding']);
    const again = await get(server.url, { 'accept-encoding': 'br, gzip', 'if-none-match': html.headers.etag });
    assert.deepEqual([again.status, again.bytes], [304, 0]);
    const zipped = await get(server.url, { 'accept-encoding': 'gzip', 'if-none-match': html.headers.etag });
    assert.deepEqual([zipped.status, zipped.headers['content-encoding']], [200, 'gzip']);
    const plain = await get(`${server.url}client.js`);
    assert.deepEqual([plain.status, plain.headers['content-encoding'], plain.headers['cache-control']], [200, undefined, 'no-cache']);
    assert.match(plain.headers['content-type'], /^text\/javascript/);
    for (const path of ['favicon.ico', 'parlor.webmanifest', 'icons/touch-180.png', 'icons/card.png', 'sw.js']) assert.equal((await get(server.url + path)).status, 200, path);
  });

  await check('the page can be installed, and shows itself where its link is shown', async () => {
    const tab = await Tab.open(context, server.url);
    const manifest = await tab.page.evaluate(async () => (await fetch(document.querySelector('link[rel=manifest]').href)).json());
    assert.equal(manifest.name, 'Parlor');
    for (const { src } of manifest.icons) assert.equal((await get(new URL(src, server.url))).status, 200);
    for (const selector of ['meta[name=theme-color]', 'meta[property="og:title"]', 'meta[property="og:image"]', 'link[rel=apple-touch-icon]']) assert.ok(await tab.page.$(selector), selector);
    assert.deepEqual(tab.troubles, []);
  });

  await check('before any script has run, the page says nothing, and in no wrong language', async () => {
    const bare = await profile(browser, { javaScriptEnabled: false });
    const page = await bare.newPage();
    await page.goto(server.url);
    const said = await page.evaluate(() => null).catch(() => null);
    assert.equal(said, null);
    const words = await page.locator('.app').innerText();
    assert.match(words.replace(/\s+/g, ' ').trim(), /^Parlor( Parlor)?$/);
    await bare.close();
  });
  await context.close();
}
