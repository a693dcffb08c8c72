/** Who I am: one person in all tabs of a browser, also tomorrow; somebody else in a tab; games against oneself. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tab, lasting, profile } from './lib/browser.mjs';
import { check, must } from './lib/report.mjs';

const idOf = (tab) => tab.page.evaluate(async () => (await import('/js/store.js')).store.me.id);
const seatOf = (tab, player) => tab.until((who) => document.querySelector(`#player-${who} .mine-mark`) !== null, player);
const remembers = (tab, name) => tab.page.evaluate((key) => localStorage.getItem(`parlor.${key}`), name);

async function newGame(tab, { listed = false, name = '' } = {}) {
  await tab.page.click('#new-game');
  await tab.page.fill('#game-name', name);
  await tab.page.setChecked('#game-listed', listed);
  await tab.page.click('dialog .primary');
  await tab.page.waitForSelector('#invite-link');
  return { invite: await tab.page.inputValue('#invite-link'), watch: await tab.page.inputValue('#watch-link') };
}

export async function run({ browser, server }) {
  const troubles = [];

  await must('a browser that is closed and opened again is the same person, with name, rooms, inbox and seat', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'parlor-profile-'));
    const others = await profile(browser);
    const bob = await Tab.open(others, server.url);
    await bob.callMyself('Bob');
    let context = await lasting(directory);
    let ada = await Tab.open(context, `${server.url}?room=attic`);
    await ada.callMyself('Ada');
    const id = await idOf(ada);
    await ada.say('a trunk');
    await ada.count('#log .message:not([data-state])', 1);
    await newGame(ada, { listed: true, name: 'Evening' });
    await context.close();
    const [told] = await bob.raw([{ type: 'tell', to: id, body: 'when you are back' }]);
    assert.equal(told.type, 'ok');
    await server.end();
    await server.up();
    context = await lasting(directory);
    ada = await Tab.open(context, server.url);
    assert.equal(await idOf(ada), id);
    await ada.hasText('#me-name', 'Ada');
    await ada.hasText('#rooms .entry[data-joined] .entry-name', 'attic');
    await ada.hasText('#privates .badge', '1');
    await ada.page.click('#my-games .entry-open:has-text("Evening")');
    await seatOf(ada, 'red');
    troubles.push(...ada.troubles, ...bob.troubles);
    await context.close();
    await others.close();
    await rm(directory, { recursive: true, force: true });
  });

  const context = await profile(browser);
  const one = await Tab.open(context, server.url);
  const two = await Tab.open(context, server.url);

  await must('two tabs of one browser are one person', async () => {
    assert.equal(await idOf(one), await idOf(two));
    assert.equal(await one.text('#me-name'), await two.text('#me-name'));
    for (const tab of [one, two]) await tab.hasText('#subtitle', '1 here');
  });

  await check('nobody is called guest and a number', async () => {
    assert.match(await one.text('#me-name'), /^[A-Z][a-z]+ [A-Z][a-z]+$/);
    const chinese = await profile(browser, { locale: 'zh-CN' });
    const reader = await Tab.open(chinese, server.url);
    await one.say('who reads this?');
    const friendly = await reader.page.evaluate(async (id) => (await import('/js/names.js')).friendlyName(id), await idOf(one));
    assert.match(friendly, /^\p{Script=Han}+$/u);
    await reader.hasText('#log .message-author', friendly);
    await chinese.close();
  });

  await check('a name taken in one tab is there in the other, and over what was said before', async () => {
    const others = await profile(browser);
    const cleo = await Tab.open(others, server.url);
    await cleo.hasText('#log .message-body', 'who reads this?');
    await two.visit(`${server.url}?room=elsewhere`);
    await one.callMyself('Dora');
    await two.hasText('#me-name', 'Dora');
    await cleo.hasText('#log .message-author', 'Dora');
    assert.equal(await cleo.page.locator('#log .message-author:has-text("guest")').count(), 0);
    await others.close();
  });

  await check('a room left in one tab is left in the other', async () => {
    await two.visit(`${server.url}?room=lobby`);
    await one.hasText('#rooms .entry[data-joined] .entry-name', 'elsewhere');
    await two.page.click('#rooms .entry-open:has-text("elsewhere")');
    await two.hasText('#title', 'elsewhere');
    await two.page.click('#leave');
    await one.until(() => ![...document.querySelectorAll('#rooms .entry[data-joined] .entry-name')].some((node) => node.textContent === 'elsewhere'));
  });

  await check('what was seen in one tab counts as seen in the other', async () => {
    const others = await profile(browser);
    const cleo = await Tab.open(others, `${server.url}?room=news`);
    for (const tab of [one, two]) {
      await tab.visit(`${server.url}?room=news`);
      await tab.page.click('#rooms .entry-open:has-text("lobby")');
      await tab.hasText('#title', 'lobby');
    }
    await cleo.say('first');
    for (const tab of [one, two]) await tab.hasText('#rooms .badge', '1');
    await one.page.click('#rooms .entry-open:has-text("news")');
    await one.hasText('#log .message-body', 'first');
    await two.count('#rooms .badge', 0);
    await others.close();
  });

  await check('a draft stays over a reload', async () => {
    await one.page.fill('#composer-text', 'half a sentence');
    await one.page.reload();
    await one.connected();
    assert.equal(await one.page.inputValue('#composer-text'), 'half a sentence');
    await one.page.fill('#composer-text', '');
  });

  await must('another person in this tab is one click, stays over a reload, and leaves the others alone', async () => {
    const id = await idOf(one);
    await Promise.all([two.page.waitForEvent('load'), two.page.click('#another')]);
    await two.connected();
    const other = await idOf(two);
    assert.notEqual(other, id);
    await two.page.reload();
    await two.connected();
    assert.equal(await idOf(two), other);
    await two.hasText('#another', 'Dora');
    await two.pictures('another-person');
    assert.deepEqual(await two.axe(), []);
    assert.equal(await idOf(one), id);
    await Promise.all([two.page.waitForEvent('load'), two.page.click('#another')]);
    await two.connected();
    assert.equal(await idOf(two), id);
  });

  let links;
  await must('two tabs of one browser play Connect Four against each other, each at its own seat over reloads', async () => {
    links = await newGame(one);
    assert.match(links.invite, /#join=.+$/);
    assert.match(links.watch, /#watch=.+$/);
    await seatOf(one, 'red');
    await two.page.goto(links.invite);
    await two.page.reload();
    await two.connected();
    await seatOf(two, 'yellow');
    for (let round = 0; round < 2; round += 1) {
      await one.page.click('.column[data-column="3"][aria-disabled="false"]');
      await two.page.click('.column[data-column="2"][aria-disabled="false"]');
      for (const [tab, player] of [[one, 'red'], [two, 'yellow']]) {
        await tab.page.reload();
        await tab.connected();
        await seatOf(tab, player);
      }
    }
    for (const tab of [one, two]) await tab.count('.board .disc[data-cell]', 4);
  });

  await must('a tab that loads again is not robbed of its seat; one that is gone for good leaves it to the next', async () => {
    await one.page.goto(`${server.url}robots.txt`);
    const three = await Tab.open(context, links.invite);
    await three.hasText('#game-status', 'Dora');
    await one.page.goBack();
    await one.connected();
    await seatOf(one, 'red');
    assert.equal(await three.page.locator('.players .mine-mark').count(), 0);
    await three.page.close();
    await one.page.close();
    const four = await Tab.open(context, links.watch);
    await seatOf(four, 'red');
    await four.page.click('.column[data-column="3"][aria-disabled="false"]');
    await two.count('.board .disc[data-cell]', 5);
    troubles.push(...three.troubles, ...four.troubles);
    await four.page.close();
  });

  await check('an invitation of the older form is still one, and its key leaves the query', async () => {
    const old = links.invite.replace('#join=', '?join=');
    const others = await profile(browser);
    const eve = await Tab.open(others, old);
    await eve.hasText('#title', 'Table');
    assert.equal(eve.page.url(), links.invite);
    await others.close();
  });

  await check('a tab from before is carried over: the first becomes the browser, the next stays itself', async () => {
    const others = await profile(browser);
    const [first, second] = [await Tab.open(await profile(browser), server.url), await Tab.open(await profile(browser), server.url)];
    await first.callMyself('Fay');
    await second.callMyself('Gil');
    const tokens = [await remembers(first, 'token'), await remembers(second, 'token')];
    const ids = [await idOf(first), await idOf(second)];
    for (const tab of [first, second]) await tab.page.context().close();
    for (const [at, token] of tokens.entries()) {
      const page = await others.newPage();
      await page.addInitScript((text) => {
        if (!sessionStorage.getItem('was.here')) sessionStorage.setItem('parlor.token', text);
        sessionStorage.setItem('was.here', '1');
      }, token);
      const tab = new Tab();
      tab.page = page;
      await page.goto(server.url);
      await tab.connected();
      assert.equal(await idOf(tab), ids[at]);
      await page.reload();
      await tab.connected();
      assert.equal(await idOf(tab), ids[at]);
    }
    const third = await Tab.open(others, server.url);
    assert.equal(await idOf(third), ids[0]);
    await others.close();
  });

  await check('where localStorage is forbidden, the tab remembers; where all storage is, the page works', async () => {
    for (const forbidden of [['localStorage'], ['localStorage', 'sessionStorage']]) {
      const others = await profile(browser);
      await others.addInitScript((names) => {
        for (const name of names) {
          Object.defineProperty(window, name, {
            get() {
              throw new DOMException('denied', 'SecurityError');
            },
          });
        }
      }, forbidden);
      const tab = await Tab.open(others, server.url);
      const id = await idOf(tab);
      await tab.callMyself(`Hal ${forbidden.length}`);
      await tab.say('still here');
      await tab.page.reload();
      await tab.connected();
      if (forbidden.length === 1) assert.equal(await idOf(tab), id);
      await tab.hasText('#log .message-body', 'still here');
      assert.deepEqual(tab.troubles, []);
      await others.close();
    }
  });

  await check('another device becomes the same person by a link that works once; signing out ends it there', async () => {
    const id = await idOf(two);
    await two.page.click('#open-settings');
    await two.page.click('#use-elsewhere');
    await two.page.waitForSelector('dialog .qr path');
    const link = await two.page.inputValue('#transfer-link');
    assert.match(link, /#transfer=.+$/);
    await two.pictures('transfer');
    assert.deepEqual(await two.axe(), []);
    await two.page.keyboard.press('Escape');
    const phone = await profile(browser);
    const there = await Tab.open(phone, link);
    assert.equal(await idOf(there), id);
    assert.doesNotMatch(there.page.url(), /transfer/);
    const late = await Tab.open(await profile(browser), link);
    assert.notEqual(await idOf(late), id);
    await late.hasText('.toast', 'used already');
    await late.page.context().close();
    await two.page.click('#open-settings');
    await two.page.click('#sign-out');
    await two.page.click('dialog .danger');
    await two.hasText('.toast', 'Signed out everywhere else');
    await there.until(() => document.getElementById('banner').dataset.final === 'true');
    await two.page.reload();
    await two.connected();
    assert.equal(await idOf(two), id);
    await phone.close();
  });

  await check('nothing was said on a console', async () => {
    for (const tab of [one, two]) troubles.push(...tab.troubles);
    assert.deepEqual(troubles, []);
  });
  await context.close();
}
