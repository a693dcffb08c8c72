/** A server that keeps nothing on disk: after a crash it remembers no room, but the tabs lose nothing they showed. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { check } from './lib/report.mjs';

export const journal = 'memory';

export async function run({ browser, server }) {
  const context = await profile(browser);
  const ada = await Tab.open(context, server.url);
  const his = await profile(browser);
  const bob = await Tab.open(his, server.url);

  await check('what was shown stays, what is said next follows, once', async () => {
    await ada.callMyself('Ada');
    for (const words of ['one', 'two']) await ada.say(words);
    await bob.say('three');
    for (const tab of [ada, bob]) await tab.count('#log .message:not([data-state])', 3);
    const before = await ada.log();
    await server.kill();
    await ada.until(() => document.getElementById('connection').dataset.state !== 'open');
    await ada.say('four');
    await server.up();
    for (const tab of [ada, bob]) await tab.connected();
    for (const tab of [ada, bob]) await tab.hasText('#log .message:not([data-state]) .message-body', 'four');
    await bob.say('five');
    for (const tab of [ada, bob]) {
      await tab.hasText('#log .message:not([data-state]) .message-body', 'five');
      await tab.hasText('#log .system', 'restarted');
      assert.deepEqual(await tab.log(), [...before, 'four', 'five']);
    }
    assert.equal(await ada.text('#me-name'), 'Ada');
  });

  await check('nothing was said on a console', async () => {
    for (const tab of [ada, bob]) assert.deepEqual(tab.troubles, []);
  });
  for (const one of [context, his]) await one.close();
}
