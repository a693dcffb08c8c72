/** What needs me: my turn, an opponent, a rematch, a mention, a private message; and what has been seen. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { check, must } from './lib/report.mjs';

async function hide(tab, hidden) {
  await tab.page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden ? 'hidden' : 'visible');
}

export async function run({ browser, server }) {
  const [hers, his] = [await profile(browser), await profile(browser)];
  for (const context of [hers, his]) {
    await context.addInitScript(() => {
      window.notified = [];
      const { prototype } = globalThis.ServiceWorkerRegistration ?? class None {};
      const show = prototype.showNotification;
      prototype.showNotification = function recorded(title, options) {
        window.notified.push({ title, ...options });
        return show.call(this, title, options);
      };
      window.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function counted(...when) {
        window.tones += 1;
        return start.apply(this, when);
      };
    });
  }
  const ada = await Tab.open(hers, server.url);
  const bob = await Tab.open(his, server.url);
  await ada.callMyself('Ada');
  await bob.callMyself('Bob');
  const titled = (tab, words) => tab.until((part) => document.title.includes(part), words);

  let invite;
  await must('an opponent who comes, and my turn, are seen from another room', async () => {
    await ada.page.click('#new-game');
    await ada.page.fill('#game-name', 'Match');
    await ada.page.click('dialog .primary');
    invite = await ada.page.inputValue('#invite-link');
    await ada.page.click('#rooms .entry-open:has-text("lobby")');
    await ada.hasText('#title', 'lobby');
    await bob.page.goto(invite);
    await bob.page.reload();
    await bob.connected();
    await ada.hasText('#my-games .entry .call', 'Your turn');
    await titled(ada, '(1) Your turn');
    await ada.until(() => document.getElementById('favicon').href.startsWith('data:'));
    await ada.pictures('my-turn');
    assert.deepEqual(await ada.axe(), []);
  });

  await check('looking at it settles it', async () => {
    await ada.page.click('#my-games .entry-open:has-text("Match")');
    await ada.hasText('#game-status', 'Your turn');
    await ada.count('.call', 0);
    await ada.until(() => !document.title.startsWith('('));
  });

  await check('a soft sound says that it is my turn; one click, and it is off', async () => {
    await ada.page.click('.column[data-column="3"][aria-disabled="false"]');
    await bob.page.click('.column[data-column="3"][aria-disabled="false"]');
    await ada.until(() => window.tones >= 2);
    await ada.page.click('#sound');
    await ada.hasText('.toast', 'off');
    const before = await ada.page.evaluate(() => window.tones);
    await ada.page.click('.column[data-column="3"][aria-disabled="false"]');
    await bob.page.click('.column[data-column="3"][aria-disabled="false"]');
    await ada.count('.board .disc[data-cell]', 4);
    await ada.hasText('#game-status', 'Your turn');
    assert.equal(await ada.page.evaluate(() => window.tones), before);
  });

  await check('the headline says who is away, and how long until one wins; and that we are cut off', async () => {
    await ada.page.click('.column[data-column="0"][aria-disabled="false"]');
    await bob.page.goto('about:blank');
    await ada.until(() => /^Bob is away: \d:\d\d until you win\.$/.test(document.getElementById('game-status').textContent));
    await ada.pictures('opponent-away');
    await bob.page.goBack();
    await bob.connected();
    await ada.hasText('#game-status', 'Bob (yellow) is thinking.');
    await server.kill();
    await ada.hasText('#game-status', 'Reconnecting…');
    await server.up();
    for (const tab of [ada, bob]) await tab.connected();
    await ada.hasText('#game-status', 'Bob (yellow) is thinking.');
  });

  await check('leaving a running game says what it costs', async () => {
    await bob.page.click('#leave');
    await bob.hasText('dialog', 'You lose if you stay away');
    await bob.page.keyboard.press('Escape');
    await bob.count('dialog', 0);
    await bob.hasText('#title', 'Match');
  });

  await check('a rematch offered is seen from elsewhere; offered to somebody who has left, it says so', async () => {
    await bob.page.click('#resign');
    await bob.page.click('dialog .danger');
    await ada.hasText('#game-status', 'You win');
    await bob.page.click('#rooms .entry-open:has-text("lobby")');
    await ada.page.click('#rematch');
    await ada.hasText('#rematch', 'You offered a rematch.');
    await bob.hasText('#my-games .entry .call', 'Rematch?');
    await titled(bob, '(1)');
    await bob.page.click('#my-games .entry-open:has-text("Match")');
    await bob.hasText('#rematch', 'rematch');
    await bob.count('.call', 0);
    await bob.page.click('#leave');
    await bob.hasText('#title', 'lobby');
    await ada.hasText('#rematch', 'Bob has left');
    await ada.page.click('#rematch-withdraw');
    await ada.count('#rematch-withdraw', 0);
    await ada.hasText('#log .system', 'withdrew');
  });

  await check('a name after @ is completed while typing, and its owner is told in colour', async () => {
    await ada.page.click('#rooms .entry-open:has-text("lobby")');
    await bob.visit(`${server.url}?room=lobby`);
    await bob.page.click('#new-room');
    await bob.page.fill('#room-name', 'aside');
    await bob.page.press('#room-name', 'Enter');
    await bob.hasText('#title', 'aside');
    await ada.page.locator('#composer-text').pressSequentially('look, @b');
    await ada.hasText('#offers [role=option]', 'Bob');
    assert.deepEqual(await ada.axe(), []);
    await ada.page.keyboard.press('Enter');
    assert.equal(await ada.page.inputValue('#composer-text'), 'look, @Bob ');
    await ada.page.locator('#composer-text').pressSequentially('here');
    await ada.page.keyboard.press('Enter');
    await ada.hasText('#log .mention', '@Bob');
    await bob.count('#rooms .badge[data-mention]', 1);
    await bob.page.click('#rooms .entry-open:has-text("lobby")');
    await bob.count('#log .message[data-mentions-me] .mention[data-mine]', 1);
    assert.deepEqual(await bob.axe(), []);
  });

  await check('a line stands before what is new', async () => {
    await hide(bob, true);
    await ada.say('one you missed');
    await bob.hasText('#log .message-body', 'one you missed');
    await bob.until(() => document.querySelector('#log .unread-line')?.nextElementSibling?.textContent.includes('one you missed'));
    await titled(bob, '(1)');
    await hide(bob, false);
    await bob.until(() => !document.title.startsWith('('));
    await bob.count('#log .unread-line', 1);
    await bob.say('got it');
    await bob.count('#log .unread-line', 0);
  });

  await check('on a phone, a game’s chat that is out of sight is not read, and says so; the drawer opens where the unread is', async () => {
    await ada.page.click('#my-games .entry-open:has-text("Match")');
    await bob.page.goto(invite);
    await bob.connected();
    await bob.hasText('#title', 'Match');
    await ada.page.setViewportSize({ width: 360, height: 540 });
    await ada.page.evaluate(() => (document.querySelector('.room-body').scrollTop = 0));
    await ada.page.waitForSelector('#below:not([hidden])');
    await bob.say('good luck');
    await ada.hasText('#below .badge', '1');
    await ada.pictures('chat-below');
    await ada.page.click('#below');
    await ada.hasText('#log .message-body', 'good luck');
    await ada.until(() => document.getElementById('below').hidden || !document.querySelector('#below .badge'));
    await ada.page.setViewportSize({ width: 1280, height: 800 });
  });

  let address;
  await check('notifications are asked for, and tell of what needs one while the page is in the background', async () => {
    await hers.grantPermissions(['notifications']);
    await ada.page.click('#open-settings');
    await ada.page.check('#notifications');
    await ada.untilAsync(async () => Boolean((await navigator.serviceWorker.getRegistration())?.active));
    await ada.page.keyboard.press('Escape');
    await hide(ada, true);
    await bob.page.click('#rooms .entry-open:has-text("lobby")');
    await bob.page.click('#members .entry-open:not(.self):has-text("Ada")');
    await bob.say('psst');
    // A browser without a screen keeps none to look at: so what it was asked to show.
    const shown = await ada.until(() => window.notified.find(({ title, body }) => title === 'Bob' && body === 'psst'));
    ({ address } = (await shown.jsonValue()).data);
    await hide(ada, false);
  });

  await check('a clicked notification opens what it is about, in a page that is open or in a new one', async () => {
    const [worker] = hers.serviceWorkers();
    // As the browser tells the worker of it, which no script can make the browser do. Only a person may open a window.
    const click = () =>
      worker.evaluate((where) => {
        globalThis.opened = null;
        clients.openWindow = async (wanted) => (globalThis.opened = wanted);
        const told = Object.assign(new Event('notificationclick'), { notification: { close() {}, data: { address: where } }, waitUntil: (work) => work.catch(() => {}) });
        dispatchEvent(told);
      }, address);
    assert.doesNotMatch(await ada.text('#title'), /Bob/);
    await click();
    await ada.hasText('#title', 'Bob');
    await ada.hasText('#log .message-body', 'psst');
    assert.equal(new URL(ada.page.url()).search, address);
    await ada.page.goto(`${server.url}robots.txt`);
    await click();
    let opened = null;
    for (let tries = 0; opened === null && tries < 400; tries += 1) {
      opened = await worker.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(globalThis.opened), 50)));
    }
    assert.equal(opened, `/${address}`);
    await ada.visit(`${server.url}${address}`);
    await ada.hasText('#title', 'Bob');
  });

  await check('without TLS there are no notifications, and it says why', async () => {
    await bob.page.evaluate(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
    await bob.page.click('#open-settings');
    await bob.hasText('#notifications-why', 'https');
    assert.deepEqual(await bob.axe(), []);
    await bob.page.keyboard.press('Escape');
  });

  await check('nothing was said on a console', async () => {
    for (const tab of [ada, bob]) assert.deepEqual(tab.troubles, []);
  });
  for (const context of [hers, his]) await context.close();
}
