/** The client library where WebSockets don't get through, and where the server is gone for a while. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { Guest } from './lib/guest.mjs';
import { Nginx } from './lib/nginx.mjs';
import { Proxy } from './lib/proxy.mjs';
import { check } from './lib/report.mjs';

const numbered = (who, count) => Array.from({ length: count }, (_, at) => `${who} ${at}`);

export async function run({ browser, server }) {
  const scenarios = { killedYoung, returns, down, sessions, sends, closes, hanging, holding, manyTabs, behindNginx, remembered };
  for (const scenario of Object.values(scenarios)) {
    await server.kill();
    await server.up();
    const context = await profile(browser);
    const proxy = await Proxy.start(server.port);
    try {
      await scenario({ context, server, proxy });
    } finally {
      await context.close();
      await proxy.stop();
    }
  }
}

/** Every message of both came to each of them once, those of one sender in its order. */
function assertSame(heard, ...senders) {
  assert.equal(new Set(heard).size, heard.length, 'nothing twice');
  for (const sent of senders) {
    const who = sent[0].split(' ')[0];
    assert.deepEqual(heard.filter((body) => body.startsWith(`${who} `)), sent);
  }
}

async function killedYoung({ context, server, proxy }) {
  await check('a proxy that kills WebSockets young: the client settles on events, and stays there', async () => {
    proxy.webSockets = 'kill';
    const ada = await Guest.enter(context, proxy.url);
    await ada.uses('sse');
    const bob = await Guest.enter(context, server.url);
    await bob.uses('websocket');
    const [hers, his] = [numbered('ada', 30), numbered('bob', 30)];
    await Promise.all([ada.saysAll(hers), bob.saysAll(his)]);
    for (const guest of [ada, bob]) assertSame((await guest.hears(60)).slice(-60), hers, his);
    assert.equal(proxy.upgrades, 2);
    assert.deepEqual(await ada.seen('transports'), ['websocket', 'sse']);
    assert.deepEqual(await ada.seen('lost'), []);
  });
}

async function returns({ context, server, proxy }) {
  await check('a WebSocket is tried again beside events, taken when it lives, and nothing is lost or doubled', async () => {
    proxy.webSockets = 'kill';
    const ada = await Guest.enter(context, proxy.url, { times: { againMs: 100, againMaxMs: 200, provenMs: 1_500 } });
    const bob = await Guest.enter(context, server.url);
    await ada.uses('sse');
    await bob.uses('websocket');
    const before = proxy.upgrades;
    // Trials die, and are no reason to leave.
    while (proxy.upgrades < before + 3) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await ada.seen('transports'), ['websocket', 'sse']);
    // Both talk all the time, while the WebSocket is taken.
    for (const [guest, who] of [[ada, 'ada'], [bob, 'bob']]) {
      await guest.page.evaluate(async (name) => {
        globalThis.said = 0;
        const talk = async () => {
          while (!globalThis.isEnough) await globalThis.client.say('trap', `${name} ${globalThis.said++}`);
        };
        globalThis.talking = talk();
      }, who);
    }
    proxy.webSockets = 'pass';
    await ada.uses('websocket');
    const many = [];
    for (const guest of [ada, bob]) {
      many.push(await guest.page.evaluate(async () => {
        globalThis.isEnough = true;
        await globalThis.talking;
        return globalThis.said;
      }));
    }
    const [hers, his] = [numbered('ada', many[0]), numbered('bob', many[1])];
    const last = await ada.say('end');
    for (const guest of [ada, bob]) {
      await guest.until(() => globalThis.seen.bodies.includes('end'));
      const heard = await guest.seen('bodies');
      assertSame(heard.filter((body) => /^(ada|bob) \d+$/.test(body)).slice(-(many[0] + many[1])), hers, his);
    }
    assert.ok(last > 0);
    assert.deepEqual(await ada.seen('transports'), ['websocket', 'sse', 'websocket']);
    const states = (await ada.seen('states')).slice(-2);
    assert.deepEqual(states.map(({ state, replaces }) => [state, replaces ?? false]), [['connecting', true], ['open', false]]);
  });
}

async function down({ context, server, proxy }) {
  await check('a server that restarts, is killed or is down for long makes nobody fall back', async () => {
    // A first WebSocket that dies young has the client look for other ways, and makes it suspicious.
    proxy.webSockets = 'kill';
    const ada = await Guest.enter(context, proxy.url);
    await ada.until(() => globalThis.seen.states.some(({ state }) => state === 'closed'));
    proxy.webSockets = 'pass';
    await ada.uses('websocket');
    const seqs = [await ada.say('first')];
    await server.end();
    await server.up();
    seqs.push(await ada.say('second'));
    for (let round = 0; round < 3; round += 1) {
      const before = (await ada.seen('states')).length;
      await server.kill();
      await ada.until((count) => globalThis.seen.states.slice(count).some(({ state }) => state === 'closed'), before);
      await server.up();
      seqs.push(await ada.say(`round ${round}`));
    }
    await server.kill();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const before = (await ada.seen('states')).length;
      await ada.page.evaluate(() => globalThis.client.connect());
      await ada.until((count) => globalThis.seen.states.slice(count).some(({ state }) => state === 'closed'), before);
    }
    await server.up();
    seqs.push(await ada.say('last'));
    assert.deepEqual(seqs, seqs.map((_, at) => seqs[0] + at));
    assert.deepEqual(await ada.seen('transports'), ['websocket']);
  });
}

async function sessions({ context, server, proxy }) {
  for (const transport of ['sse', 'poll']) {
    await check(`a session that the server has forgotten is replaced, unnoticed (${transport})`, async () => {
      const ada = await Guest.enter(context, proxy.url, { transports: [transport] });
      await ada.uses(transport);
      const before = await ada.page.evaluate(() => globalThis.client.user.id);
      const bodies = numbered(transport, 3);
      await ada.say(bodies[0]);
      await server.kill();
      await server.up();
      await ada.say(bodies[1]);
      proxy.cut();
      await ada.say(bodies[2]);
      await ada.until((body) => globalThis.seen.bodies.includes(body), bodies[2]);
      assertSame((await ada.seen('bodies')).filter((body) => body.startsWith(transport)), bodies);
      assert.equal(await ada.page.evaluate(() => globalThis.client.user.id), before);
      assert.deepEqual([await ada.seen('transports'), await ada.seen('lost')], [[transport], []]);
    });
  }
}

async function sends({ context, proxy }) {
  await check('a request whose answer is lost is repeated, and done once', async () => {
    const ada = await Guest.enter(context, proxy.url, { transports: ['sse', 'poll'] });
    await ada.uses('sse');
    await ada.ask('create', { kind: 'counter', room: 'clicks' });
    await ada.page.evaluate(() => globalThis.client.join({ room: 'clicks' }).then(() => {}));
    let cuts = 0;
    proxy.rule = (line) => (/^POST \S+\/send\?/.test(line) && cuts++ % 3 !== 2 ? 'cut' : 'pass');
    for (let at = 1; at <= 5; at += 1) assert.equal((await ada.ask('count', { room: 'clicks', by: 1 })).value, at);
    assert.ok(cuts >= 10, `${cuts}`);
    proxy.rule = () => 'pass';
  });

  await check('a frame that is too long is refused by itself, and the session goes on', async () => {
    const ada = await Guest.enter(context, proxy.url, { transports: ['poll'] });
    await ada.uses('poll');
    const codes = await ada.page.evaluate(async () => {
      const asks = [globalThis.client.request('ping'), globalThis.client.request('echo', { payload: 'x'.repeat(70_000) }), globalThis.client.request('ping')];
      return (await Promise.allSettled(asks)).map(({ reason }) => reason?.code ?? 'ok');
    });
    assert.deepEqual(codes, ['ok', 'too_big', 'ok']);
  });
}

async function closes({ context, server, proxy }) {
  for (const transport of ['websocket', 'sse', 'poll']) {
    await check(`the server's closes mean the same (${transport})`, async () => {
      const ada = await Guest.enter(context, proxy.url, { transports: [transport] });
      await ada.uses(transport);
      await server.end();
      await ada.until(() => globalThis.seen.states.some(({ state, code }) => state === 'closed' && code === 1012));
      assert.ok((await ada.seen('states')).some(({ state, reason }) => state === 'closing' && /closing/.test(reason)));
      await server.up();
      await ada.uses(transport);
      // The same person on another connection signs out everywhere.
      const other = await Guest.enter(context, server.url);
      await other.uses('websocket');
      const token = await ada.page.evaluate(() => sessionStorage.getItem('parlor.token'));
      await other.page.evaluate(async (mine) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        const heard = () => new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(JSON.parse(data))));
        await heard();
        socket.send(JSON.stringify({ type: 'resume', id: 1, token: mine }));
        await heard();
        socket.send(JSON.stringify({ type: 'sign_out', id: 2, everywhere: true }));
        await heard();
        socket.close();
      }, token);
      await ada.until(() => globalThis.client.state.final === true);
      const { state, code, reason } = await ada.page.evaluate(() => globalThis.client.state);
      assert.deepEqual([state, code], ['closed', 4501], reason);
    });
  }
}

async function hanging({ context, proxy }) {
  await check('a WebSocket that never opens is not waited for while plain HTTP answers', async () => {
    proxy.webSockets = 'hang';
    const ada = await Guest.enter(context, proxy.url, { times: { slowMs: 500 } });
    await ada.uses('sse');
    await ada.say('here I am');
    assert.equal(proxy.upgrades, 1);
  });
}

async function manyTabs({ context, proxy }) {
  for (const count of [7, 10]) {
    await check(`${count} tabs on events and polls all hear and talk`, async () => {
      const tabs = [];
      for (let at = 0; at < count; at += 1) tabs.push(await Guest.enter(context, proxy.url, { transports: ['sse', 'poll'] }));
      await Promise.all(tabs.map((tab) => tab.until(() => globalThis.client.isOpen)));
      await Promise.all(tabs.map((tab, at) => tab.say(`tab${count} ${at}`)));
      for (const tab of tabs) {
        await tab.until((many) => globalThis.seen.bodies.filter((body) => body.startsWith(`tab${many} `)).length === many, count);
        assert.deepEqual((await tab.seen('lost')), []);
      }
      await Promise.all(tabs.map((tab) => tab.page.close()));
    });
  }
}

async function behindNginx({ context, server }) {
  await check('behind an nginx that blocks upgrades, the page talks by events, and says so', async () => {
    const nginx = await Nginx.start(server.port);
    try {
      const tab = await Tab.blank(context);
      await tab.visit(nginx.url);
      await tab.hasText('#transport', 'SSE');
      assert.equal(await tab.page.getAttribute('#transport', 'title'), 'Server-Sent Events');
      const bob = await Guest.enter(context, server.url);
      await bob.page.evaluate(() => globalThis.client.join({ room: 'lobby' }));
      await tab.say('through nginx');
      await bob.until(() => globalThis.seen.bodies.includes('through nginx'));
      await bob.page.evaluate(() => globalThis.client.say('lobby', 'and back'));
      await tab.hasText('#log .message-body', 'and back');
      assert.deepEqual(await tab.axe(), []);
    } finally {
      await nginx.stop();
    }
  });

  await check('behind one that compresses and buffers everything, it talks too', async () => {
    const nginx = await Nginx.start(server.port, 'proxy_ignore_headers X-Accel-Buffering; proxy_buffering on; gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0;');
    try {
      const ada = await Guest.enter(context, nginx.url, { times: { proofMs: 1_000 } });
      await ada.until(() => globalThis.client.isOpen);
      await talksTo(ada, 'nginx');
      assert.notEqual(await ada.page.evaluate(() => globalThis.client.transport), 'websocket');
    } finally {
      await nginx.stop();
    }
  });
}

async function holding({ context, proxy }) {
  await check('a proxy that holds bodies back until they end: the client talks by long polls', async () => {
    proxy.rule = (line) => (/^GET \S+\/(events|stream)\?/.test(line) ? 'hold' : 'pass');
    const ada = await Guest.enter(context, proxy.url, { transports: ['sse', 'poll'], times: { proofMs: 1_000 } });
    await ada.uses('poll');
    await talksTo(ada, 'held');
    assert.deepEqual(await ada.seen('transports'), ['sse', 'poll']);
    assert.equal((await ada.seen('states')).filter(({ state }) => state === 'closed').length, 0);
  });
}

/** Messages of its own come back to a guest, once and in order. */
async function talksTo(guest, who) {
  const words = numbered(who, 5);
  await guest.saysAll(words);
  await guest.until((name) => globalThis.seen.bodies.filter((body) => body.startsWith(`${name} `)).length >= 5, who);
  assertSame((await guest.seen('bodies')).filter((body) => body.startsWith(`${who} `)), words);
}

async function remembered({ context, proxy }) {
  await check('a tab that is loaded again begins with what it had settled on, and after a while with a WebSocket', async () => {
    proxy.webSockets = 'kill';
    const tab = await Tab.open(context, `${proxy.url}?room=trap`);
    await tab.hasText('#transport:not([hidden])', 'SSE');
    const before = proxy.upgrades;
    assert.ok(before >= 2, String(before));
    const entry = () => tab.page.evaluate(() => JSON.parse(sessionStorage.getItem('parlor.transport')));
    const kept = await entry();
    assert.match(kept, /^sse \d+$/);
    for (const words of ['once', 'twice']) {
      await tab.page.reload();
      await tab.connected();
      await tab.hasText('#transport:not([hidden])', 'SSE');
      await tab.say(words);
      await tab.hasText('#log', words);
    }
    assert.equal(proxy.upgrades, before);
    assert.equal(await entry(), kept, 'loading again makes it no longer');
    // Another tab knows nothing of it, and no tab after the time.
    proxy.webSockets = 'pass';
    const other = await Tab.open(context, `${proxy.url}?room=trap`);
    await other.hasText('#transport:not([hidden])', 'WS');
    await tab.page.evaluate(() => sessionStorage.setItem('parlor.transport', JSON.stringify(`sse ${Date.now() - 1}`)));
    await tab.page.reload();
    await tab.connected();
    await tab.hasText('#transport:not([hidden])', 'WS');
    assert.equal(await entry(), null);
    // Why a WebSocket does not get through is asked for by plain HTTP, and answered by 426.
    assert.deepEqual([...tab.troubles, ...other.troubles].filter((trouble) => !trouble.includes('426')), []);
  });

  await check('what was remembered and does not work any more is forgotten', async () => {
    proxy.webSockets = 'pass';
    proxy.rule = (line) => (/api\/sessions/.test(line) ? 'cut' : 'pass');
    const tab = await Tab.blank(context);
    await tab.page.addInitScript(() => sessionStorage.getItem('begun') ?? (sessionStorage.setItem('parlor.transport', JSON.stringify(`sse ${Date.now() + 60_000}`)), sessionStorage.setItem('begun', 'yes')));
    await tab.visit(`${proxy.url}?room=trap`);
    await tab.hasText('#transport:not([hidden])', 'WS');
  });
}
