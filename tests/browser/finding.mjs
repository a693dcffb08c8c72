/** Finding one's way: the first visit, links, rooms that are not there, games to find, the palette. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { check, must } from './lib/report.mjs';
import { Server } from './lib/server.mjs';

export async function run({ browser, server }) {
  const [hers, his] = [await profile(browser), await profile(browser)];
  const ada = await Tab.open(hers, server.url);
  const bob = await Tab.open(his, server.url);
  const rooms = async (tab) => (await tab.raw([{ type: 'rooms' }]))[0].rooms.map(({ room }) => room);

  await must('a first visit says what this is and what to do, with the focus where one writes', async () => {
    await ada.hasText('#welcome', 'Welcome to Parlor');
    for (const id of ['welcome-say', 'welcome-play', 'welcome-clock']) assert.ok(await ada.page.isVisible(`#${id}`));
    assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'composer-text');
    await ada.pictures('first-visit');
    assert.deepEqual(await ada.axe(), []);
    await ada.say('hello');
    await ada.until(() => document.getElementById('welcome').hidden);
    await ada.page.reload();
    await ada.connected();
    assert.equal(await ada.page.isVisible('#welcome'), false);
  });
  await ada.callMyself('Ada');
  await bob.callMyself('Bob');

  await check('links are links, to new tabs and without a word of where from; code can be copied', async () => {
    await ada.say('see https://example.org/a?b=1, **really** `x<y`');
    const link = await bob.page.waitForSelector('#log a[href="https://example.org/a?b=1"]');
    assert.deepEqual([await link.getAttribute('target'), await link.getAttribute('rel'), await link.getAttribute('referrerpolicy')], ['_blank', 'noopener noreferrer nofollow', 'no-referrer']);
    await bob.hasText('#log strong', 'really');
    await bob.hasText('#log code', 'x<y');
    await ada.say('javascript:alert(1) <a href="javascript:alert(1)">x</a>');
    await bob.hasText('#log .message-body', 'javascript:alert(1) <a');
    assert.equal(await bob.page.locator('#log a[href^="javascript" i]').count(), 0);
    await ada.page.fill('#composer-text', '```\nconst a = 1;\n```\n> so it is\n#tea');
    await ada.page.press('#composer-text', 'Enter');
    await bob.hasText('#log blockquote', 'so it is');
    await bob.page.evaluate(() => document.querySelector('#log .copy-code').click());
    await bob.hasText('.toast', 'Code copied');
    assert.equal(await bob.page.evaluate(() => navigator.clipboard.readText()), 'const a = 1;');
    await ada.say('👍');
    await bob.count('#log .message-body[data-big]', 1);
    await bob.pictures('rich');
    assert.deepEqual(await bob.axe(), []);
  });

  await check('copying takes the text alone', async () => {
    const copied = await bob.page.evaluate(() => {
      getSelection().selectAllChildren(document.getElementById('log'));
      const text = getSelection().toString();
      getSelection().removeAllRanges();
      return text;
    });
    assert.match(copied, /hello/);
    assert.doesNotMatch(copied, /\d\d:\d\d|Today|Ada/);
  });

  await check('the times of grouped messages show to a pointer and to a keyboard', async () => {
    for (const words of ['first of a group', 'second of a group']) {
      await ada.say(words);
      await ada.hasText('#log .message:not([data-state]) .message-body', words);
    }
    const shows = (wanted) => ada.until((opacity) => getComputedStyle([...document.querySelectorAll('#log .message-time.aside')].at(-1)).opacity === opacity, wanted ? '1' : '0');
    await ada.page.mouse.move(2, 2);
    await shows(false);
    await ada.page.locator('#log .message-body').last().hover();
    await shows(true);
    await ada.page.mouse.move(2, 2);
    await shows(false);
    await ada.page.locator('#composer-text').focus();
    for (let steps = 0; steps < 8 && (await ada.page.evaluate(() => document.activeElement.id)) !== 'log'; steps += 1) await ada.page.keyboard.press('Shift+Tab');
    assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'log');
    await shows(true);
  });

  await check('emoji are picked, searched and completed', async () => {
    await ada.page.click('#emoji');
    await ada.page.fill('#emoji-search', 'rocket');
    assert.deepEqual(await ada.axe(), []);
    await ada.page.click('.picker-emoji');
    assert.equal(await ada.page.inputValue('#composer-text'), '🚀');
    await ada.page.fill('#composer-text', '');
    await ada.page.locator('#composer-text').pressSequentially('well :tad');
    await ada.hasText('#offers', ':tada:');
    await ada.page.keyboard.press('Tab');
    assert.equal(await ada.page.inputValue('#composer-text'), 'well 🎉 ');
    await ada.page.locator('#composer-text').pressSequentially(':rocket:');
    await ada.until(() => document.getElementById('composer-text').value === 'well 🎉 🚀');
    await ada.page.locator('#composer-text').pressSequentially(' 12:30: :nonsense:');
    assert.equal(await ada.page.inputValue('#composer-text'), 'well 🎉 🚀 12:30: :nonsense:');
    await ada.page.fill('#composer-text', '');
  });

  await check('a room that is not there is not made by its address alone', async () => {
    await bob.page.goto(`${server.url}?room=loby`);
    await bob.hasText('dialog', 'There is no room “loby” yet.');
    await bob.pictures('no-such-room');
    assert.deepEqual(await bob.axe(), []);
    assert.ok(!(await rooms(bob)).includes('loby'));
    await bob.page.click('dialog button:has-text("#lobby")');
    await bob.hasText('#title', 'lobby');
    await bob.page.click('#log .room-link:has-text("#tea")');
    await bob.hasText('dialog', 'There is no room “tea” yet.');
    await bob.page.click('dialog .primary');
    await bob.hasText('#title', 'tea');
    assert.ok((await rooms(bob)).includes('tea'));
    await bob.page.goto(`${server.url}?replay=nothing`);
    await bob.hasText('.status', 'cannot be shown');
    assert.ok(!(await rooms(bob)).includes('nothing'));
    await bob.visit(`${server.url}?room=lobby`);
  });

  await check('who wants a room off the list is not put into the public one of that name unasked', async () => {
    await ada.page.click('#new-room');
    await ada.page.fill('#room-name', 'tea');
    await ada.page.check('#room-unlisted');
    await ada.page.click('dialog .primary');
    await ada.hasText('.trouble', 'open to everybody');
    await ada.hasText('#title', 'lobby');
    await ada.page.click('dialog .primary');
    await ada.hasText('#title', 'tea');
    await ada.page.click('#leave');
    await ada.hasText('#title', 'lobby');
  });

  await check('"Play now" opens a table, or takes the seat at one that waits; both are in my games', async () => {
    await ada.page.click('#play-now');
    await ada.hasText('#game-status', 'Waiting');
    await bob.hasText('#tables .entry-note', 'Ada waits');
    await bob.pictures('waiting-table');
    await bob.page.click('#play-now');
    await bob.hasText('#player-yellow', 'you');
    await ada.hasText('#game-status', 'Your turn');
    for (const tab of [ada, bob]) await tab.hasText('#my-games .entry-note', 'Ada – Bob, move 1');
    const eve = await Tab.open(await profile(browser), server.url);
    await eve.hasText('#tables .entry-note', 'Ada – Bob, move 1');
    assert.deepEqual(await eve.axe(), []);
    await eve.page.context().close();
  });

  await check('the link of a game that waits is the invitation, with a QR code', async () => {
    await ada.page.click('#new-game');
    await ada.page.fill('#game-name', 'Second');
    await ada.page.click('dialog .primary');
    await ada.hasText('#title', 'Second');
    const invite = await ada.page.inputValue('#invite-link');
    await ada.page.click('#share');
    assert.equal(await ada.page.inputValue('#share-link'), invite);
    assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()), invite);
    await ada.page.waitForSelector('dialog .qr path');
    await ada.pictures('share');
    assert.deepEqual(await ada.axe(), []);
    await ada.page.keyboard.press('Escape');
  });

  await check('finished and empty tables leave the list after an hour; those of mine never', async () => {
    const shown = await ada.page.evaluate(async () => {
      const { isShown } = await import('/js/lobby.js');
      const now = Date.now();
      const table = (status, online, minutes, talk = null) => isShown({ talk, online, game: { status }, last_at: new Date(now - minutes * 60_000).toISOString() }, now);
      return [table('over', 2, 59), table('over', 2, 61), table('waiting', 0, 59), table('waiting', 0, 61), table('playing', 2, 600), table('over', 0, 600, {})];
    });
    assert.deepEqual(shown, [true, false, true, false, true, true]);
  });

  await check('avatars have many colours', async () => {
    const hues = await ada.page.evaluate(async () => {
      const { hueOf } = await import('/js/avatar.js');
      return Array.from({ length: 400 }, () => hueOf(Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')));
    });
    assert.ok(new Set(hues).size > 24, `${new Set(hues).size}`);
  });

  await check('somebody is challenged from their name, and finds the invitation', async () => {
    await ada.page.click('#rooms .entry-open:has-text("lobby")');
    await bob.page.click('#rooms .entry-open:has-text("lobby")');
    await ada.page.click('#members .person:has-text("Bob") [data-focus=challenge]');
    await ada.hasText('#game-status', 'Waiting');
    await bob.page.click('#privates .entry-open:has-text("Ada")');
    await bob.hasText('#subtitle', 'online');
    await bob.page.click('#log a[href*="#join="]');
    const opened = await his.waitForEvent('page').catch(() => null);
    await opened?.waitForSelector('#player-yellow .mine-mark');
    await ada.hasText('#game-status', 'Your turn');
    await opened?.close();
  });

  await check('a private conversation can be closed, and comes back with the next message', async () => {
    await bob.page.click('#leave');
    await bob.until(() => document.getElementById('private-section').hidden);
    await bob.page.reload();
    await bob.connected();
    assert.equal(await bob.page.isVisible('#private-section'), false);
    await ada.page.click('#privates .entry-open:has-text("Bob")');
    await ada.say('one more thing');
    await bob.hasText('#privates .badge', '1');
  });

  await check('Ctrl+K finds rooms, people and commands', async () => {
    await ada.page.keyboard.press('Control+k');
    await ada.page.fill('#palette-input', 'te');
    await ada.hasText('#palette-list [role=option]', 'tea');
    await ada.pictures('palette');
    assert.deepEqual(await ada.axe(), []);
    await ada.page.keyboard.press('Enter');
    await ada.hasText('#title', 'tea');
    await ada.page.keyboard.press('Control+k');
    await ada.page.fill('#palette-input', 'bob');
    await ada.page.keyboard.press('Enter');
    await ada.hasText('#title', 'Bob');
    await ada.page.keyboard.press('Control+k');
    await ada.page.fill('#palette-input', 'settings');
    await ada.page.keyboard.press('Enter');
    await ada.page.waitForSelector('#theme-dark');
    await ada.page.keyboard.press('Escape');
  });

  await check('the board fits the height at 200 % zoom and on a phone held sideways', async () => {
    await ada.page.click('#my-games .entry-open:has-text("Bob")');
    for (const [width, height] of [[640, 400], [740, 360], [360, 740]]) {
      await ada.page.setViewportSize({ width, height });
      await ada.page.locator('.board').scrollIntoViewIfNeeded();
      const box = await ada.page.locator('.board').boundingBox();
      assert.ok(box.height <= height, `${box.height} in ${height}`);
      assert.equal(await ada.overflows(), false);
    }
    await ada.page.setViewportSize({ width: 1280, height: 800 });
  });

  await check('full, refused and unreachable are told apart', async () => {
    const small = await Server.start('memory', '--max-clients', '1');
    try {
      const one = await Tab.open(await profile(browser), small.url);
      const late = await (await profile(browser)).newPage();
      await late.goto(small.url);
      await late.waitForFunction(() => document.getElementById('banner-title').textContent === 'The server is full.');
      await one.page.context().close();
      await late.waitForFunction(() => document.getElementById('connection').dataset.state === 'open');
      await small.kill();
      await late.waitForFunction(() => document.getElementById('banner-title').textContent === 'The server cannot be reached.');
      await late.context().close();
    } finally {
      await small.stop();
    }
    const refused = await (await profile(browser)).newPage();
    await refused.addInitScript(() => {
      const Real = WebSocket;
      window.WebSocket = class extends Real {
        constructor() {
          super(`ws://${location.host}/healthz`);
        }
      };
    });
    // Otherwise the page would go on without WebSocket.
    const forbidden = { status: 403, contentType: 'application/json', body: '{"type":"error","code":"forbidden","message":"pages from this Origin may not connect"}' };
    await refused.route('**/api/sessions', (route) => route.fulfill(forbidden));
    await refused.goto(server.url);
    await refused.waitForFunction(() => document.getElementById('banner-title').textContent === 'The server refuses the connection.');
    await refused.context().close();
  });

  await check('nothing was said on a console', async () => {
    for (const tab of [ada, bob]) assert.deepEqual(tab.troubles, []);
  });
  for (const context of [hers, his]) await context.close();
}
