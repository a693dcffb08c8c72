/** The page that compares transports: five lanes hear everything, whatever is done to them. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { check, must } from './lib/report.mjs';

const LANES = ['poll', 'long', 'stream', 'sse', 'websocket'];

/** What the table says, by lane. */
const figures = (tab) =>
  tab.page.$$eval('#lanes tr', (rows) =>
    Object.fromEntries(rows.map((row) => {
      const [p50, p95, messages, lost, requests, up, down, newest] = [...row.querySelectorAll('td')].map((cell) => cell.textContent);
      const number = (text) => Number(text.replace(/[^\d.]/g, ''));
      return [row.dataset.lane, { p50: number(p50), p95: number(p95), messages: number(messages), lost: number(lost), requests: number(requests), up: number(up), down: number(down), newest }];
    })),
  );

/** Wait until every lane has heard so many messages. */
const heard = (tab, many) =>
  tab.until((count) => {
    const rows = [...document.querySelectorAll('#lanes tr')];
    return rows.length === 5 && rows.every((row) => Number(row.children[3].textContent.replace(/\D/g, '')) >= count);
  }, many);

export async function run({ browser, server }) {
  const context = await profile(browser);
  const tab = await Tab.blank(context);
  await tab.page.goto(server.url);
  await tab.connected();
  await tab.page.click('#transport');

  await must('the page leads there, and all five lanes hear the ticks', async () => {
    await tab.page.waitForURL(/\/compare$/);
    await heard(tab, 6);
    const now = await figures(tab);
    assert.deepEqual(Object.keys(now), LANES);
    for (const lane of LANES) {
      assert.equal(now[lane].lost, 0, lane);
      assert.ok(now[lane].p50 > 0 && now[lane].p95 >= now[lane].p50 && now[lane].up > 0 && now[lane].down > 0, JSON.stringify(now[lane]));
    }
    // Polls ask again and again; one connection is enough for a WebSocket.
    assert.equal(now.websocket.requests, 1);
    assert.ok(now.long.requests > now.stream.requests && now.poll.requests > now.stream.requests, JSON.stringify(now));
    assert.ok(now.long.up > now.websocket.up && now.long.down > now.websocket.down);
  });

  await check('what is unplugged hears nothing, and loses nothing', async () => {
    await tab.page.click('#unplug');
    await tab.hasText('#status', 'unplugged');
    const before = await figures(tab);
    await tab.page.fill('#words', 'while nobody listens');
    await tab.page.press('#words', 'Enter');
    await tab.page.waitForTimeout(1_500); // ticks go on meanwhile
    for (const [lane, { messages }] of Object.entries(await figures(tab))) assert.ok(messages <= before[lane].messages + 1, lane);
    await tab.page.click('#unplug');
    await heard(tab, Math.max(...LANES.map((lane) => before[lane].messages)) + 4);
    for (const [lane, { lost }] of Object.entries(await figures(tab))) assert.equal(lost, 0, lane);
  });

  await check('a tab that nobody looks at asks for nothing, and loses nothing', async () => {
    const under = new Set();
    let asked = 0;
    const isSession = (request) => request.url().includes('/api/sessions');
    const began = (request) => isSession(request) && (asked += 1) && under.add(request);
    const ended = (request) => under.delete(request);
    tab.page.on('request', began).on('requestfinished', ended).on('requestfailed', ended);
    const look = (state) =>
      tab.page.evaluate((is) => {
        Object.defineProperty(document, 'visibilityState', { value: is, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await heard(tab, Math.max(...Object.values(await figures(tab)).map(({ messages }) => messages)) + 1);
    assert.ok(asked > 0, 'it asks while somebody looks');
    await look('hidden');
    await tab.hasText('#status', 'Paused');
    // What was under way ends first.
    let settled = -1;
    for (let tries = 0; (under.size > 0 || settled !== asked) && tries < 40; tries += 1) {
      settled = asked;
      await tab.page.waitForTimeout(300);
    }
    const [before, then] = [asked, await figures(tab)];
    await tab.page.waitForTimeout(2_500); // five ticks, two short polls
    assert.equal(asked, before);
    await look('visible');
    await heard(tab, Math.max(...Object.values(then).map(({ messages }) => messages)) + 4);
    for (const [lane, { lost }] of Object.entries(await figures(tab))) assert.equal(lost, 0, lane);
    assert.ok(asked > before);
    tab.page.off('request', began).off('requestfinished', ended).off('requestfailed', ended);
  });

  await check('a slow network is slow, and loses nothing', async () => {
    await tab.page.click('#slow');
    await heard(tab, Math.max(...Object.values(await figures(tab)).map(({ messages }) => messages)) + 3);
    for (const [lane, { lost, p95 }] of Object.entries(await figures(tab))) assert.ok(lost === 0 && p95 >= 300, `${lane}: ${p95}`);
    await tab.page.click('#slow');
  });

  await check('everybody can read it: no violation, nothing wider than the window, in both languages', async () => {
    for (const language of ['en', 'zh']) {
      for (const [width, height] of [[1280, 800], [360, 740]]) {
        await tab.page.setViewportSize({ width, height });
        for (const theme of ['light', 'dark']) {
          await tab.theme(theme);
          assert.deepEqual(await tab.axe(), [], `${language} ${width} ${theme}`);
          assert.equal(await tab.overflows(), false, `${language} ${width}`);
        }
      }
      await tab.pictures(`compare-${language}`);
      await tab.page.click('#language');
    }
    assert.deepEqual(tab.troubles, []);
  });
  await context.close();
}
