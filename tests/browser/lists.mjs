/** Rooms, their addresses, their history; the counter; languages, themes, the keyboard. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { check } from './lib/report.mjs';

export async function run({ browser, server }) {
  const context = await profile(browser);
  const ada = await Tab.open(context, server.url);
  const his = await profile(browser);
  const bob = await Tab.open(his, server.url);

  await check('a room made here is listed there, and its address opens it', async () => {
    await ada.page.click('#new-room');
    await ada.page.fill('#room-name', 'Tea & Röom');
    await ada.page.press('#room-name', 'Enter');
    await ada.hasText('#title', 'Tea & Röom');
    const address = ada.page.url();
    assert.match(address, /\?room=Tea/);
    await bob.visit(address);
    await bob.hasText('#title', 'Tea & Röom');
    await bob.hasText('#rooms .entry-name', 'lobby');
    await ada.hasText('#subtitle', '2 here');
  });

  await check('unread messages are counted where they are not seen', async () => {
    await bob.page.click('#rooms .entry-open:has-text("lobby")');
    await bob.hasText('#title', 'lobby');
    await ada.say('one');
    await ada.say('two');
    await bob.hasText('#rooms .badge', '2');
    await bob.until(() => document.title.startsWith('(2)') && document.getElementById('favicon').href.startsWith('data:'));
    await bob.page.reload();
    await bob.connected();
    await bob.hasText('#rooms .badge', '2');
    await bob.page.goBack();
    await bob.hasText('#title', 'Tea & Röom');
    await bob.count('#rooms .badge', 0);
  });

  await check('older messages come by scrolling up, and the view stays where it is', async () => {
    const says = Array.from({ length: 230 }, (_, at) => ({ type: 'say', room: 'long', body: `line ${at}` }));
    await ada.raw([{ type: 'join', room: 'long' }, ...says]);
    await ada.visit(`${server.url}?room=long`);
    await ada.hasText('#log .message-body', 'line 229');
    assert.ok(!(await ada.log()).includes('line 100'));
    for (let round = 0; !(await ada.log()).includes('line 0'); round += 1) {
      assert.ok(round < 10, 'it never ends');
      const first = (await ada.log())[0];
      const moved = await ada.page.evaluate((words) => {
        const row = () => [...document.querySelectorAll('#log .message')].find((node) => node.textContent.includes(words));
        const log = document.getElementById('log');
        log.scrollTop = 0;
        const was = row().getBoundingClientRect().top;
        return new Promise((resolve) => {
          const look = () => (document.querySelector('#log .message-body').textContent === words ? requestAnimationFrame(look) : resolve(Math.abs(row().getBoundingClientRect().top - was)));
          look();
        });
      }, first);
      // The first row loses or gains a head when one of the same person comes before it.
      assert.ok(moved < 60, `the view jumped by ${moved} px`);
    }
    assert.deepEqual(await ada.log(), says.map(({ body }) => body));
  });

  await check('reading back, one is told of what is new, and can go there', async () => {
    await ada.page.evaluate(() => (document.getElementById('log').scrollTop = 300));
    await bob.visit(`${server.url}?room=long`);
    await bob.say('fresh');
    await ada.hasText('#newest', '1 new message');
    await ada.page.click('#newest');
    await ada.until(() => document.getElementById('newest').hidden);
  });

  await check('a busy room that is not in view stays small, counts all, and gives back what it let go', async () => {
    const entries = () => ada.page.evaluate(async () => (await import('/js/store.js')).store.talkOf('busy').entries.length);
    await ada.visit(`${server.url}?room=busy`);
    await ada.page.click('#rooms .entry-open:has-text("long")');
    await ada.hasText('#title', 'long');
    const says = Array.from({ length: 700 }, (_, at) => ({ type: 'say', room: 'busy', body: `call ${at}` }));
    await bob.raw([{ type: 'join', room: 'busy' }, ...says]);
    await ada.untilAsync(async () => (await import('/js/store.js')).store.talkOf('busy').newest > 700);
    assert.equal(await entries(), 200);
    assert.equal(await ada.page.evaluate(async () => (await import('/js/store.js')).store.talkOf('busy').unread(null)), 700);
    await ada.page.click('#rooms .entry-open:has-text("busy")');
    await ada.hasText('#log .message-body', 'call 699');
    for (let round = 0; !(await ada.log()).includes('call 0'); round += 1) {
      assert.ok(round < 20, 'it never ends');
      const had = (await ada.log()).length;
      await ada.page.evaluate(() => (document.getElementById('log').scrollTop = 0));
      await ada.until((many) => document.querySelectorAll('#log .message').length > many, had);
    }
    assert.deepEqual(await ada.log(), says.map(({ body }) => body));
    await ada.page.click('#newest');
    await ada.visit(`${server.url}?room=long`);
  });

  await check('a counter is pressed together', async () => {
    await ada.page.click('#new-room');
    await ada.page.fill('#room-name', 'clicks');
    await ada.page.check('#room-kind-counter');
    await ada.page.press('#room-name', 'Enter');
    await ada.page.waitForSelector('#count-plus');
    await bob.visit(ada.page.url());
    await bob.page.waitForSelector('#count-plus');
    for (const id of ['plus', 'plus', 'plus', 'minus']) await ada.page.click(`#count-${id}`);
    await bob.page.focus('#count-plus');
    await bob.page.keyboard.press('Enter');
    for (const tab of [ada, bob]) await tab.until(() => document.getElementById('counter-value').textContent === '3');
    await bob.page.reload();
    await bob.connected();
    await bob.until(() => document.getElementById('counter-value')?.textContent === '3');
  });
  await ada.pictures('counter');

  await check('a room is left and stays left', async () => {
    await ada.page.click('#leave');
    await ada.until(() => document.getElementById('title').textContent !== 'clicks');
    await bob.hasText('#subtitle', '1 here');
    await ada.page.reload();
    await ada.connected();
    await ada.until(() => !document.querySelector('#rooms .entry[data-joined] .entry-name')?.textContent.includes('clicks'));
  });

  await check('the link of a room is copied', async () => {
    await bob.page.click('#share');
    await bob.hasText('.toast', 'copied');
    assert.equal(await bob.page.evaluate(() => navigator.clipboard.readText()), `${server.url}?room=clicks`);
    await bob.page.keyboard.press('Escape');
    await bob.count('dialog', 0);
  });

  await check('a crowd is counted, not listed', async () => {
    const crowd = 80;
    await bob.visit(`${server.url}?room=square`);
    await ada.page.evaluate(async (many) => {
      window.crowd = Array.from({ length: many }, () => new WebSocket(`ws://${location.host}/ws`));
      await Promise.all(window.crowd.map((socket) => new Promise((resolve) => {
        socket.onmessage = ({ data }) => {
          const { type } = JSON.parse(data);
          if (type === 'welcome') socket.send(JSON.stringify({ type: 'join', id: 1, room: 'square' }));
          if (type === 'ok') resolve();
        };
      })));
    }, crowd);
    await bob.hasText('#subtitle', `${crowd + 1} here`);
    await bob.hasText('#crowd', `${crowd + 1} people are here`);
    const late = await Tab.open(context, `${server.url}?room=square`);
    await late.hasText('#crowd', `${crowd + 2} people are here`);
    assert.ok((await late.page.locator('#members li').count()) <= 64);
    await late.page.close();
    await ada.page.evaluate(() => window.crowd.forEach((socket) => socket.close()));
  });

  await check('the language is the browser’s, and can be switched', async () => {
    const chinese = await profile(browser, { locale: 'zh-CN' });
    const tab = await Tab.open(chinese, server.url);
    await tab.hasText('#connection-word', '已连接');
    assert.equal(await tab.page.getAttribute('html', 'lang'), 'zh-CN');
    assert.deepEqual(await tab.axe(), []);
    await tab.pictures('chinese');
    // The server's words are English: its errors are said in the reader's language.
    await tab.page.click('#rename');
    await tab.page.fill('#my-name', 'a!b');
    await tab.page.press('#my-name', 'Enter');
    await tab.hasText('dialog', '名字：只能用字母、汉字、数字、空格和');
    await tab.page.keyboard.press('Escape');
    await tab.page.click('#new-room');
    await tab.page.fill('#room-name', '@x');
    await tab.page.press('#room-name', 'Enter');
    await tab.hasText('dialog', '房间名称：开头不能是 @');
    assert.deepEqual(await tab.axe(), []);
    await tab.page.keyboard.press('Escape');
    await tab.page.click('#open-settings');
    await tab.page.check('#language-en');
    await tab.hasText('#connection-word', 'Connected');
    assert.equal(await tab.page.getAttribute('html', 'lang'), 'en');
    await tab.page.keyboard.press('Escape');
    await tab.page.reload();
    await tab.connected();
    await tab.hasText('#connection-word', 'Connected');
    assert.deepEqual(tab.troubles, []);
    await chinese.close();
  });

  await check('the theme is the system’s, and can be switched', async () => {
    const paper = () => bob.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await bob.theme('dark');
    const dark = await paper();
    assert.notEqual(light, dark);
    await bob.page.click('#open-settings');
    await bob.page.check('#theme-light');
    assert.equal(await paper(), light);
    await bob.page.check('#theme-auto');
    assert.equal(await paper(), dark);
    await bob.page.keyboard.press('Escape');
    await bob.theme('light');
  });

  await check('everything is reached by keyboard alone', async () => {
    await bob.visit(`${server.url}?room=lobby`);
    const reached = new Set();
    await bob.page.evaluate(() => document.activeElement.blur());
    for (let press = 0; press < 60; press += 1) {
      await bob.page.keyboard.press('Tab');
      reached.add(await bob.page.evaluate(() => document.activeElement.id || document.activeElement.className));
    }
    for (const id of ['new-room', 'new-game', 'rename', 'open-settings', 'share', 'leave', 'log', 'composer-text', 'entry-open']) assert.ok(reached.has(id), `${id} was not reached: ${[...reached]}`);
    assert.ok(reached.has('skip'));
    const outlined = await bob.page.evaluate(() => {
      document.getElementById('share').focus();
      return getComputedStyle(document.getElementById('share')).outlineStyle;
    });
    assert.equal(outlined, 'solid');
  });

  await check('on a narrow screen the panels take turns, and the focus follows', async () => {
    await bob.page.setViewportSize({ width: 360, height: 740 });
    const focused = () => bob.page.evaluate(() => document.activeElement.id);
    await bob.page.click('#show-rooms');
    assert.equal(await focused(), 'hide-rooms');
    await bob.page.keyboard.press('Escape');
    assert.equal(await focused(), 'show-rooms');
    await bob.page.click('#show-people');
    assert.equal(await focused(), 'people-title');
    await bob.page.click('#hide-people');
    assert.equal(await focused(), 'show-people');
    assert.equal(await bob.overflows(), false);
    await bob.page.setViewportSize({ width: 1280, height: 800 });
  });

  await check('nothing was said on a console', async () => {
    for (const tab of [ada, bob]) assert.deepEqual(tab.troubles, []);
  });
  for (const one of [context, his]) await one.close();
}
