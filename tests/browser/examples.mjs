/** The examples' pages, each served by its own program. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { Tab, profile } from './lib/browser.mjs';
import { check } from './lib/report.mjs';

const BIN = process.env.PARLOR_BIN ?? fileURLToPath(new URL('../../target/debug/parlor', import.meta.url));

/** An example at a port of its own, in a directory of its own. */
class Example {
  static async start(name, ...options) {
    const example = new Example();
    example.dir = await mkdtemp(join(tmpdir(), 'parlor-example-'));
    example.child = spawn(join(dirname(BIN), 'examples', name), ['--port', '0', ...options], { cwd: example.dir, stdio: ['ignore', 'ignore', 'pipe'] });
    const lines = createInterface({ input: example.child.stderr });
    example.gone = new Promise((resolve) => example.child.once('exit', resolve));
    example.host = await new Promise((resolve, reject) => {
      example.child.once('error', reject);
      example.child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
      lines.on('line', (line) => {
        const found = /ws:\/\/([\d.:]+)/.exec(line);
        if (found) resolve(found[1]);
      });
    });
    return example;
  }

  async stop() {
    this.child.kill();
    await this.gone;
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** A tab of an example's page; what axe-core finds wrong in it is a fault. */
async function open(context, address) {
  const tab = await Tab.blank(context);
  await tab.page.goto(address);
  assert.deepEqual(await tab.axe(), []);
  return tab;
}

/** Runs one check with an example and its tabs; nothing may stand on the console. */
function page(browser, name, does, act, ...options) {
  return check(`${name}: ${does}`, async () => {
    const example = await Example.start(name, ...options);
    const context = await profile(browser);
    const tabs = [];
    const enter = async (path = '/') => {
      tabs.push(await open(context, new URL(path, `http://${example.host}/`).href));
      return tabs.at(-1);
    };
    try {
      await act(enter, example);
      assert.deepEqual(tabs.flatMap((tab) => tab.troubles), []);
    } finally {
      await context.close();
      await example.stop();
    }
  });
}

/** Messages that are sent plain, and such as are compressed. */
const LENGTHS = [0, 10, 255, 256, 5000, 1_000_000];

/** In a page: sends messages of some lengths to an echo, and tells the extensions of the connection. */
async function talkCompressed([address, lengths]) {
  const socket = new WebSocket(address);
  const next = (kind) => new Promise((resolve, reject) => {
    socket.addEventListener(kind, resolve, { once: true });
    socket.addEventListener('close', reject, { once: true });
  });
  await next('open');
  for (const length of lengths) {
    socket.send('x'.repeat(length));
    const { data } = await next('message');
    if (data !== 'x'.repeat(length)) throw new Error(`${length} came back as ${data.length}`);
  }
  socket.close();
  return socket.extensions;
}

/** Waits until the first node is exactly this. */
const reads = (tab, selector, words) => tab.until(([where, what]) => document.querySelector(where)?.textContent === what, [selector, words]);

async function send(tab, words) {
  await tab.page.fill('#text', words);
  await tab.page.press('#text', 'Enter');
}

export async function run({ browser }) {
  for (const how of ['--each', '--together']) {
    await page(browser, 'show_time', `${how} adds a time again and again`, async (enter) => {
      const tab = await enter();
      await tab.until(() => document.querySelectorAll('#list li').length >= 2);
      assert.doesNotMatch(await tab.text('#list'), /Invalid/);
    }, how);
  }

  await page(browser, 'counter', 'two tabs see the users and the value', async (enter) => {
    const ann = await enter();
    await reads(ann, '#users', '1');
    const bo = await enter();
    await reads(ann, '#users', '2');
    await bo.page.click('#plus');
    await bo.page.click('#plus');
    await ann.page.click('#minus');
    await reads(ann, '#value', '1');
    await reads(bo, '#value', '1');
    await bo.page.close();
    await reads(ann, '#users', '1');
  });

  await page(browser, 'echo', 'answers stand in the list', async (enter) => {
    const tab = await enter();
    await tab.hasText('#state', 'open');
    await send(tab, 'hello <b>');
    await reads(tab, '#list li', 'hello <b>');
  });

  await page(browser, 'echo', 'the browser and the client `ws` talk compressed', async (enter, example) => {
    const tab = await enter();
    const extensions = await tab.page.evaluate(talkCompressed, [`ws://${example.host}/echo`, LENGTHS]);
    assert.match(extensions, /^permessage-deflate/);
    for (const options of [true, { serverMaxWindowBits: 9 }, { clientMaxWindowBits: 10, threshold: 0 }]) {
      const socket = new WebSocket(`ws://${example.host}/echo`, { perMessageDeflate: options });
      await once(socket, 'open');
      assert.match(socket.extensions, /^permessage-deflate/);
      for (const length of LENGTHS) {
        socket.send('x'.repeat(length));
        const [data] = await once(socket, 'message');
        assert.equal(String(data), 'x'.repeat(length));
      }
      socket.close();
      await once(socket, 'close');
    }
  });

  await page(browser, 'broadcast', 'others hear it, and the state is in words', async (enter, example) => {
    const [ann, bo] = [await enter(), await enter()];
    await reads(ann, '#state', '1 open 已连接');
    await reads(bo, '#state', '1 open 已连接');
    await send(ann, 'from ann');
    await reads(bo, '#list li', 'from ann');
    await send(bo, 'from bo');
    await reads(ann, '#list li', 'from bo');
    example.child.kill();
    await reads(ann, '#state', '3 closed 已关闭');
  });

  await page(browser, 'chatroom', 'two guests talk, and a third reads it', async (enter) => {
    const [ann, bo] = [await enter(), await enter()];
    await bo.hasText('#list li', '游客2: joined');
    await send(ann, 'hello <i>');
    await bo.hasText('#list li', '游客1: hello <i>');
    await ann.page.context().addCookies([{ name: 'username', value: Buffer.from('小明').toString('base64'), url: ann.page.url() }]);
    const late = await enter();
    await late.hasText('#list li', '游客1: hello <i>');
    await ann.hasText('#list li', '小明: joined');
  });

  await page(browser, 'irc', 'a name is asked for in a dialog, once', async (enter) => {
    const ann = await enter('/tea');
    await ann.page.fill('#name', 'Ann');
    await ann.page.press('#name', 'Enter');
    await ann.hasText('#list li', 'Ann');
    await reads(ann, '#online', '1');
    await ann.page.fill('#text', 'hello');
    await ann.page.click('#form button');
    await ann.hasText('#list li', 'Ann: hello');
    const again = await enter('/tea');
    await again.hasText('#list li', 'Ann: hello');
    assert.equal(await again.page.locator('dialog[open]').count(), 0, 'the address is known');
  });

  await page(browser, 'admin', 'an announcement reaches every tab', async (enter) => {
    const [ann, bo] = [await enter(), await enter()];
    await bo.hasText('#state', 'open');
    await send(ann, 'tea is ready');
    await reads(ann, '#answer', 'announced\n');
    await reads(bo, '#list li', 'tea is ready');
  });

  await page(browser, 'connect4', 'two play by their links, a third watches, and red wins', async (enter) => {
    const red = await enter();
    const [join, watch] = [await red.page.getAttribute('#join', 'href'), await red.page.getAttribute('#watch', 'href')];
    const yellow = await enter(join);
    await yellow.hasText('#state', 'open');
    for (let turn = 0; turn < 7; turn += 1) {
      const tab = turn % 2 ? yellow : red;
      await tab.page.click(`thead td:nth-child(${3 + (turn % 2)}) button`);
      for (const seen of [red, yellow]) await seen.count('td.red, td.yellow', turn + 1);
    }
    const watcher = await enter(watch);
    for (const tab of [red, yellow, watcher]) await reads(tab, '#news', 'red 红 wins 获胜');
    await yellow.page.click('thead td:nth-child(1) button');
    await reads(yellow, '#news', 'The game is over.');
    await red.count('td.red, td.yellow', 7);
  });
}
