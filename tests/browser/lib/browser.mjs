/** A headless browser and its tabs, with what a person does in them. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const SHOTS = new URL('../../../target/screenshots/', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How long a condition may take to come true, in milliseconds: generous, for a machine that does other things. */
const WAIT_MS = Number(process.env.WAIT_MS ?? 30_000);

export async function launch() {
  mkdirSync(SHOTS, { recursive: true });
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

/** One browser profile: one person, in however many tabs. */
export async function profile(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  context.setDefaultTimeout(WAIT_MS);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => {});
  return context;
}

/** A profile on disk: it can be closed, and opened again where it was. */
export async function lasting(directory, options = {}) {
  const context = await chromium.launchPersistentContext(directory, { executablePath: CHROMIUM, args: ARGS, viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  context.setDefaultTimeout(WAIT_MS);
  return context;
}

/**
 * A tab in a window of its own, of the same profile: the browser holds back frames of tabs that lie behind another,
 * and every click would wait for them.
 */
async function newWindow(context) {
  const [behind] = context.pages();
  if (!behind) return context.newPage();
  const session = await context.newCDPSession(behind);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  const created = context.waitForEvent('page');
  const browser = await context.browser().newBrowserCDPSession();
  await browser.send('Target.createTarget', { url: 'about:blank', newWindow: true, browserContextId: targetInfo.browserContextId });
  await Promise.all([session.detach(), browser.detach()]);
  return created;
}

/** What browsers say by themselves when a server is gone; everything else on the console is a fault of the page. */
const OF_THE_NETWORK = /WebSocket connection to .* failed|net::ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/;

export class Tab {
  troubles = [];

  static async open(context, url) {
    const tab = await Tab.blank(context);
    await tab.visit(url);
    return tab;
  }

  /** A tab that has gone nowhere yet. */
  static async blank(context) {
    const tab = new Tab();
    tab.page = await newWindow(context);
    tab.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !OF_THE_NETWORK.test(message.text())) tab.troubles.push(message.text());
    });
    tab.page.on('pageerror', (error) => tab.troubles.push(error.stack ?? String(error)));
    return tab;
  }

  /** Wait until `condition`, a function of the page, is true. */
  until(condition, arg) {
    return this.page.waitForFunction(condition, arg, { timeout: WAIT_MS, polling: 50 });
  }

  /** The same for an async function, whose promise alone would count as true. Answers what it found. */
  async untilAsync(condition) {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const found = await this.page.evaluate(condition);
      if (found) return found;
      if (Date.now() > end) throw new Error(`not within ${WAIT_MS} ms: ${condition}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Go to an address; a room that is not there yet is made. */
  async visit(url) {
    await this.page.goto(url);
    const arrived = await this.until(() => document.querySelector('dialog[open] .primary')?.closest('form') ?? (document.getElementById('connection')?.dataset.state === 'open' && document.querySelector('#log[aria-busy="false"], #main[data-kind="replay"]') !== null));
    if (arrived.asElement()) await this.page.click('dialog .primary');
    await this.connected();
  }

  connected() {
    return this.until(() => document.getElementById('connection')?.dataset.state === 'open' && document.querySelector('#log[aria-busy="false"], #main[data-kind="replay"]') !== null);
  }

  text(selector) {
    return this.page.locator(selector).first().textContent();
  }

  hasText(selector, words) {
    return this.until(([where, what]) => [...document.querySelectorAll(where)].some((node) => node.textContent.includes(what)), [selector, words]);
  }

  count(selector, number) {
    return this.until(([where, many]) => document.querySelectorAll(where).length === many, [selector, number]);
  }

  /** Everything said that stands in the log, in order, as `name: words`. */
  log() {
    return this.page.$$eval('#log .message:not([data-state])', (rows) => rows.map((row) => row.querySelector('.message-body').textContent));
  }

  async say(words) {
    await this.page.fill('#composer-text', words);
    await this.page.press('#composer-text', 'Enter');
  }

  async callMyself(name) {
    const narrow = await this.page.locator('#show-rooms').isVisible();
    if (narrow) await this.page.click('#show-rooms');
    await this.page.click('#rename');
    await this.page.fill('#my-name', name);
    await this.page.press('#my-name', 'Enter');
    await this.hasText('#me-name', name);
    await this.count('dialog', 0);
    if (narrow) await this.page.click('#hide-rooms');
  }

  /** Ask the server over a connection that is no page's, as a script would. */
  raw(requests) {
    return this.page.evaluate(async (frames) => {
      const socket = new WebSocket(`ws://${location.host}/ws`);
      const heard = [];
      const until = (found) =>
        new Promise((resolve) => {
          const look = () => (heard.some(found) ? resolve(heard.find(found)) : setTimeout(look, 10));
          look();
        });
      socket.onmessage = ({ data }) => heard.push(JSON.parse(data));
      await until((frame) => frame.type === 'welcome');
      const answers = [];
      for (const [at, frame] of frames.entries()) {
        const id = at + 1;
        socket.send(JSON.stringify({ ...frame, id }));
        answers.push(await until(({ re }) => re === id));
      }
      socket.close();
      return answers;
    }, requests);
  }

  /** What axe-core finds wrong, as lines. */
  async axe() {
    // Colours are measured when they stand still.
    await this.until(() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity));
    await this.page.evaluate(AXE);
    const violations = await this.page.evaluate(async () => (await globalThis.axe.run(document)).violations);
    return violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`);
  }

  async theme(theme) {
    await this.page.emulateMedia({ colorScheme: theme });
  }

  /** Pictures at 360 and 1280 pixels in both themes; the page is left as it was. */
  async pictures(name) {
    const before = this.page.viewportSize();
    for (const [width, height] of [[1280, 800], [360, 740]]) {
      await this.page.setViewportSize({ width, height });
      for (const theme of ['light', 'dark']) {
        await this.theme(theme);
        await this.until(() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity));
        await this.page.screenshot({ path: join(SHOTS, `${name}-${width}-${theme}.png`) });
      }
    }
    await this.theme('light');
    await this.page.setViewportSize(before);
  }

  /** Whether the page is wider than its window: nothing may make it scroll sideways. */
  overflows() {
    return this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  }
}
