/** Two people talk, and go on talking whatever happens to the server. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { check, must } from './lib/report.mjs';

export async function run({ browser, server }) {
  const context = await profile(browser);
  const ada = await Tab.open(context, server.url);
  const his = await profile(browser);
  const bob = await Tab.open(his, server.url);
  const tabs = [ada, bob];

  await must('two browsers are two people in one room', async () => {
    for (const tab of tabs) await tab.hasText('#subtitle', '2 here');
    assert.notEqual(await ada.text('#me-name'), await bob.text('#me-name'));
    assert.match(ada.page.url(), /\?room=lobby$/);
  });

  await must('a new name is seen by everyone', async () => {
    await ada.callMyself('Ada');
    await bob.callMyself('Bob');
    await bob.hasText('#members .entry-name', 'Ada');
    await ada.hasText('#members .entry-name', 'Bob');
  });

  await check('a name in use is refused in words', async () => {
    await bob.page.click('#rename');
    await bob.page.fill('#my-name', 'ada');
    await bob.page.press('#my-name', 'Enter');
    await bob.hasText('.trouble', 'in use');
    await bob.page.keyboard.press('Escape');
    await bob.count('dialog', 0);
  });

  await must('both talk at once, and both see one order', async () => {
    const lines = Array.from({ length: 15 }, (_, at) => at);
    await Promise.all(tabs.map(async (tab, who) => {
      for (const at of lines) await tab.say(`${who === 0 ? 'ada' : 'bob'} ${at}`);
    }));
    for (const tab of tabs) {
      await tab.count('#log .message:not([data-state])', 30);
      await tab.count('#log .message[data-state]', 0);
    }
    const [hers, others] = [await ada.log(), await bob.log()];
    assert.deepEqual(hers, others);
    assert.deepEqual(hers.filter((line) => line.startsWith('ada')), lines.map((at) => `ada ${at}`));
    assert.deepEqual(hers.filter((line) => line.startsWith('bob')), lines.map((at) => `bob ${at}`));
  });

  await check('own messages are marked, and others carry their name', async () => {
    assert.equal(await ada.page.locator('#log .message[data-mine]').count(), 15);
    await ada.hasText('#log .message:not([data-mine]) .message-author', 'Bob');
  });

  await check('markup stays text', async () => {
    const evil = '<img src=x onerror="window.hurt=1"><b>bold</b>';
    await ada.say(evil);
    await bob.hasText('#log .message-body', evil);
    assert.equal(await bob.page.locator('#log img, #log b').count(), 0);
    assert.equal(await bob.page.evaluate(() => window.hurt), undefined);
  });

  await check('a name cannot carry markup into a page either', async () => {
    const [answer] = await ada.raw([{ type: 'rename', name: '<img>' }]);
    assert.equal(answer.code, 'bad_request');
  });

  await check('writing is seen, and ends with the message', async () => {
    await ada.page.locator('#composer-text').pressSequentially('hm');
    await bob.hasText('#typing', 'Ada is writing');
    await ada.page.press('#composer-text', 'Enter');
    await bob.until(() => document.getElementById('typing').textContent === '');
    await ada.page.locator('#composer-text').pressSequentially('well');
    await bob.hasText('#typing', 'Ada is writing');
    await bob.page.evaluate(async () => {
      const { client } = await import('/js/session.js');
      client.addEventListener('typing_ended', () => (window.ended = true), { once: true });
    });
    await ada.page.fill('#composer-text', '');
    await bob.until(() => window.ended);
    await bob.until(() => document.getElementById('typing').textContent === '');
  });

  await check('Shift+Enter begins a line; an input method’s Enter sends nothing', async () => {
    await ada.count('#log .message[data-state]', 0);
    const before = (await ada.log()).length;
    await ada.page.fill('#composer-text', 'first');
    await ada.page.press('#composer-text', 'Shift+Enter');
    await ada.page.locator('#composer-text').pressSequentially('second');
    await ada.page.evaluate(() => document.getElementById('composer-text').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })));
    assert.equal(await ada.page.inputValue('#composer-text'), 'first\nsecond');
    await ada.page.press('#composer-text', 'Enter');
    for (const tab of tabs) await tab.hasText('#log .message:not([data-state]) .message-body', 'first\nsecond');
    assert.equal((await ada.log()).length, before + 1);
  });

  await check('a click on a name opens a private conversation, both ways', async () => {
    await ada.page.click('#members .entry-open:not(.self)');
    await ada.hasText('#title', 'Bob');
    await ada.page.locator('#composer-text').pressSequentially('b');
    await ada.say('between us');
    await bob.hasText('#privates .entry-name', 'Ada');
    await bob.hasText('#privates .badge', '1');
    await bob.until(() => document.title.startsWith('(1)'));
    await bob.page.click('#privates .entry-open');
    await bob.hasText('#log .message-body', 'between us');
    await bob.until(() => !document.title.startsWith('('));
    await bob.say('of course');
    await ada.hasText('#log .message-body', 'of course');
    assert.ok(!(await ada.log()).includes('ada 0'));
    await ada.hasText('#subtitle', 'online');
    await ada.page.locator('#composer-text').pressSequentially('and');
    await bob.hasText('#typing', 'Ada is writing');
    await ada.page.fill('#composer-text', '');
    await bob.until(() => document.getElementById('typing').textContent === '');
  });

  await must('a private conversation outlives a reload', async () => {
    await bob.page.reload();
    await bob.connected();
    await bob.hasText('#title', 'Ada');
    await bob.hasText('#log .message-body', 'of course');
    assert.equal(await bob.text('#me-name'), 'Bob');
    await bob.page.click('#rooms .entry-open');
    await ada.page.click('#rooms .entry-open');
    for (const tab of tabs) await tab.hasText('#title', 'lobby');
  });

  await check('the server’s clock ticks, with the round trip beside it', async () => {
    await ada.hasText('#clock-trip', 'ms');
    const first = await ada.text('#clock-time');
    await ada.until((was) => document.getElementById('clock-time').textContent !== was, first);
  });

  await ada.pictures('chat');

  await must('the server dies and comes back: so do both tabs, with nothing lost or doubled', async () => {
    const before = await ada.log();
    await server.kill();
    for (const tab of tabs) await tab.until(() => document.getElementById('connection')?.dataset.state !== 'open');
    await ada.page.waitForSelector('#banner:not([hidden])');
    await ada.pictures('away');
    await ada.say('said while away');
    await ada.count('#log .message[data-state="pending"]', 1);
    await server.up();
    for (const tab of tabs) await tab.connected();
    for (const tab of tabs) await tab.hasText('#log .message:not([data-state]) .message-body', 'said while away');
    await bob.say('welcome back');
    for (const tab of tabs) await tab.hasText('#log .message:not([data-state]) .message-body', 'welcome back');
    const after = [...before, 'said while away', 'welcome back'];
    assert.deepEqual(await ada.log(), after);
    assert.deepEqual(await bob.log(), after);
    await ada.page.waitForSelector('#banner', { state: 'hidden' });
    assert.equal(await ada.text('#me-name'), 'Ada');
    assert.equal(await bob.text('#me-name'), 'Bob');
  });

  await check('"reconnect now" does not wait', async () => {
    await server.kill();
    // Late enough for the next try by itself to be some seconds away.
    await ada.until(() => Number(/\d+/.exec(document.getElementById('banner-text').textContent)?.[0]) > 3);
    await server.up();
    await ada.page.click('#banner-now');
    await ada.until(() => document.getElementById('connection')?.dataset.state !== 'closed');
    // Nor does a network that is back.
    await bob.page.evaluate(() => window.dispatchEvent(new Event('online')));
    for (const tab of tabs) await tab.connected();
  });

  await check('a server that closes says so, and the tabs come back to the next one', async () => {
    const before = await ada.log();
    await ada.page.evaluate(() => {
      const node = document.getElementById('connection');
      window.states = [];
      new MutationObserver(() => window.states.push(node.dataset.state)).observe(node, { attributes: true });
    });
    await server.end();
    await ada.until(() => window.states.includes('closing') && window.states.includes('closed'));
    await server.up();
    for (const tab of tabs) await tab.page.evaluate(() => window.dispatchEvent(new Event('online')));
    for (const tab of tabs) await tab.connected();
    await bob.say('the next one');
    await ada.hasText('#log .message-body', 'the next one');
    assert.deepEqual(await ada.log(), [...before, 'the next one']);
  });

  await check('a message refused by the server stays, says why, and can be retried or discarded', async () => {
    await ada.page.evaluate(async () => {
      const { client } = await import('/js/session.js');
      const { ParlorError } = await import('/client.js');
      const say = client.say.bind(client);
      client.say = async () => {
        throw new ParlorError('unavailable', 'storage is down');
      };
      window.mend = () => {
        client.say = say;
      };
    });
    await ada.say('stubborn');
    await ada.hasText('#log [data-state="failed"] .message-trouble', 'cannot save');
    await ada.page.evaluate(() => window.mend());
    await ada.page.click('#log [data-state="failed"] .link');
    await bob.hasText('#log .message-body', 'stubborn');
    await ada.count('#log [data-state]', 0);
  });

  for (const theme of ['light', 'dark']) {
    await check(`axe finds nothing in the ${theme} theme`, async () => {
      await ada.theme(theme);
      assert.deepEqual(await ada.axe(), []);
      await ada.page.click('#open-settings');
      assert.deepEqual(await ada.axe(), []);
      await ada.page.keyboard.press('Escape');
      await ada.page.setViewportSize({ width: 360, height: 740 });
      assert.deepEqual(await ada.axe(), []);
      await ada.page.click('#show-rooms');
      assert.deepEqual(await ada.axe(), []);
      await ada.page.keyboard.press('Escape');
      await ada.page.setViewportSize({ width: 1280, height: 800 });
    });
  }

  await check('nothing was said on a console', async () => {
    for (const tab of tabs) assert.deepEqual(tab.troubles, []);
  });
  for (const one of [context, his]) await one.close();
}
