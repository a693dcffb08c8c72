/** The page of a server below a path: everything works there, and nothing is asked for elsewhere. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { Nginx } from './lib/nginx.mjs';
import { Proxy } from './lib/proxy.mjs';
import { check, must } from './lib/report.mjs';
import { Server } from './lib/server.mjs';

const BASE = '/chat/';

/** Everything that pages of a profile ask for, as paths. */
function watched(context) {
  const asked = [];
  const note = (url) => /^(http|ws)/.test(url) && asked.push(new URL(url).pathname);
  context.on('request', (request) => note(request.url()));
  context.on('page', (page) => page.on('websocket', (socket) => note(socket.url())));
  return asked;
}

const outside = (asked) => asked.filter((path) => !path.startsWith(BASE));

/** What nginx needs for WebSockets and events. */
const LIVE = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_buffering off;';

export async function run({ browser, server: root }) {
  await behindAProxyThatCutsThePathOff({ browser, root });
  const server = await Server.start(undefined, '--base-path', BASE, '--rate-per-second', '2000', '--rate-burst', '4000', '--max-clients-per-address', '1000');
  try {
    await below({ browser, server });
  } finally {
    await server.stop();
  }
}

async function behindAProxyThatCutsThePathOff({ browser, root }) {
  await check('a server that knows of no path works behind a proxy that cuts one off', async () => {
    const nginx = await Nginx.start(root.port, LIVE, BASE);
    const context = await profile(browser);
    const asked = watched(context);
    try {
      const home = `${nginx.url}${BASE.slice(1)}`;
      const tab = await Tab.open(context, `${home}?room=tea`);
      await tab.say('through a proxy');
      await tab.hasText('#log', 'through a proxy');
      await tab.hasText('#transport:not([hidden])', 'WS');
      await tab.page.click('#transport');
      await tab.page.waitForURL(`${home}compare`);
      await tab.until(() => [...document.querySelectorAll('#lanes tr')].filter((row) => Number(row.children[3].textContent) >= 2).length === 5);
      assert.ok(asked.includes(`${BASE}ws`), String(asked));
      assert.deepEqual(outside(asked), []);
      assert.deepEqual(tab.troubles, []);
    } finally {
      await context.close();
      await nginx.stop();
    }
  });
}

async function below({ browser, server }) {
  const home = `${server.url}${BASE.slice(1)}`;
  const [hers, his] = [await profile(browser), await profile(browser)];
  const asked = [watched(hers), watched(his)];
  const ada = await Tab.open(hers, home);

  await must('the page talks below its path, and stands where it was after a reload', async () => {
    await ada.callMyself('Ada');
    await ada.visit(`${home}?room=tea`);
    await ada.say('below');
    await ada.hasText('#log', 'below');
    await ada.page.reload();
    await ada.connected();
    await ada.hasText('#log', 'below');
    await ada.hasText('#me-name', 'Ada');
    assert.equal(new URL(ada.page.url()).pathname, BASE);
  });

  await check('what the browser keeps is kept below the path too', async () => {
    const names = await ada.page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
    assert.ok(names.includes('parlor/chat/token'), String(names));
    assert.deepEqual(names.filter((name) => !name.startsWith('parlor/chat/')), []);
  });

  await check('who asks for the root is led there, with their room', async () => {
    const tab = await Tab.blank(hers);
    await tab.page.goto(`${server.url}?room=tea`);
    await tab.connected();
    assert.equal(tab.page.url(), `${home}?room=tea`);
    await tab.hasText('#me-name', 'Ada');
    await tab.page.close();
    asked[0].splice(asked[0].indexOf('/'), 1);
  });

  let bob;
  await must('an invitation leads there, and a game is played', async () => {
    await ada.page.click('#new-game');
    await ada.page.click('dialog .primary');
    await ada.page.waitForSelector('#invite-link');
    const invite = await ada.page.inputValue('#invite-link');
    for (const id of ['invite', 'watch']) assert.ok((await ada.page.inputValue(`#${id}-link`)).startsWith(`${home}#`), id);
    bob = await Tab.open(his, invite);
    await bob.hasText('#player-yellow', 'you');
    await ada.page.waitForSelector('.column[aria-disabled="false"]');
    await ada.page.click('.column[data-column="3"]');
    await bob.count('.board .disc[data-cell]', 1);
    assert.deepEqual(bob.troubles, []);
  });

  await check('links to share, and those for another device, lead there', async () => {
    await ada.visit(`${home}?room=tea`);
    await ada.page.click('#open-settings');
    await ada.page.click('#use-elsewhere');
    await ada.page.waitForSelector('#transfer-link');
    assert.ok((await ada.page.inputValue('#transfer-link')).startsWith(`${home}#transfer=`));
    await ada.page.keyboard.press('Escape');
    await ada.page.click('#share');
    await ada.untilAsync(async () => (await navigator.clipboard.readText()).includes('room=tea'));
    assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()), `${home}?room=tea`);
    await ada.page.keyboard.press('Escape');
  });

  await check('installed, and by notifications, it is the same place', async () => {
    const found = await ada.page.evaluate(async () => {
      const { href } = document.querySelector('link[rel=manifest]');
      const manifest = await (await fetch(href)).json();
      const addresses = [manifest.start_url, manifest.scope, ...manifest.icons.map(({ src }) => src)];
      const worker = await navigator.serviceWorker.register('sw.js');
      return { id: manifest.id, addresses: addresses.map((address) => new URL(address, href).href), scope: worker.scope, image: new URL(document.querySelector('meta[property="og:image"]').content, location).href };
    });
    // Without an id, the start's address is what tells it from others (W3C Web Application Manifest).
    assert.equal(found.id, undefined);
    assert.deepEqual(found.addresses.slice(0, 2), [home, home]);
    for (const address of [...found.addresses, found.image]) {
      assert.ok(address.startsWith(home), address);
      assert.equal((await fetch(address)).status, 200, address);
    }
    assert.equal(found.scope, home);
    const [worker] = hers.serviceWorkers();
    const click = (address) =>
      worker.evaluate((where) => {
        clients.openWindow = async (wanted) => (globalThis.wanted = wanted);
        const told = Object.assign(new Event('notificationclick'), { notification: { close() {}, data: { address: where } }, waitUntil: (work) => work.catch(() => {}) });
        dispatchEvent(told);
      }, address);
    await ada.visit(`${home}?room=tea`);
    await click('?room=lobby');
    await ada.hasText('#title', 'lobby');
    assert.equal(new URL(ada.page.url()).pathname, BASE);
    await ada.page.goto('about:blank');
    await click('?room=tea');
    let wanted;
    for (let tries = 0; wanted === undefined && tries < 400; tries += 1) {
      wanted = await worker.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(globalThis.wanted), 50)));
    }
    assert.equal(wanted, `${BASE}?room=tea`);
    await ada.visit(`${home}?room=tea`);
  });

  await check('the second language, emoji and a module’s own address are loaded from there', async () => {
    await ada.page.click('#emoji');
    await ada.page.waitForSelector('.picker-emoji');
    await ada.page.keyboard.press('Escape');
    assert.equal(await ada.page.evaluate(async () => (await import('./js/store.js')).store.me.name), 'Ada');
    const chinese = await profile(browser, { locale: 'zh-CN' });
    const asking = watched(chinese);
    const tab = await Tab.open(chinese, home);
    await tab.hasText('#connection-word', '已连接');
    assert.ok(asking.some((path) => /lang\/zh\.\w+\.js$/.test(path)), String(asking));
    assert.deepEqual(outside(asking), []);
    assert.deepEqual(tab.troubles, []);
    await chinese.close();
  });

  await check('all lanes of the comparison hear the ticks', async () => {
    const tab = await Tab.blank(hers);
    await tab.page.goto(home);
    await tab.connected();
    await tab.page.click('#transport');
    await tab.page.waitForURL(`${home}compare`);
    await tab.until(() => {
      const rows = [...document.querySelectorAll('#lanes tr')];
      return rows.length === 5 && rows.every((row) => Number(row.children[3].textContent) >= 3);
    });
    await tab.page.click('.top a');
    await tab.connected();
    assert.equal(new URL(tab.page.url()).pathname, BASE);
    assert.deepEqual(tab.troubles, []);
    await tab.page.close();
  });

  await check('the client module finds its server by itself', async () => {
    const url = await ada.page.evaluate(async () => {
      const { ParlorClient } = await import('./client.js');
      const client = new ParlorClient();
      client.connect();
      await client.ready();
      client.close();
      return client.url;
    });
    assert.equal(url, `${home.replace('http', 'ws')}ws`);
  });

  await check('without WebSockets, plain HTTP carries it all from there', async () => {
    const context = await profile(browser);
    const asking = watched(context);
    const proxy = await Proxy.start(server.port);
    proxy.webSockets = 'kill';
    try {
      const tab = await Tab.open(context, `${proxy.url}${BASE.slice(1)}?room=tea`);
      await tab.hasText('#transport:not([hidden])', 'SSE');
      await tab.say('by plain HTTP');
      await ada.hasText('#log', 'by plain HTTP');
      assert.ok(asking.some((path) => path.startsWith(`${BASE}api/sessions/`)), String(asking));
      assert.deepEqual(outside(asking), []);
    } finally {
      await context.close();
      await proxy.stop();
    }
  });

  await check('nothing was asked for elsewhere, and nothing was said on a console', async () => {
    assert.ok(asked[0].length > 20 && asked[1].length > 2, String(asked.map(({ length }) => length)));
    assert.deepEqual(asked.flatMap(outside), []);
    assert.deepEqual([...ada.troubles, ...bob.troubles], []);
  });
  await hers.close();
  await his.close();
}
