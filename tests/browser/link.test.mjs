/** The link to the server over connections of no particular kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, settled } from './lib/fake.mjs';

const { Link } = await load('client/link.js');

/** A link whose connections the test speaks for. `hello` answers as the test says. */
function setUp({ hello = async () => {} } = {}) {
  const timers = new Set();
  const it = { connections: [], happened: [], now: 0, newest: () => it.connections.at(-1) };
  it.pass = async (ms) => {
    it.now += ms;
    for (const timer of [...timers]) {
      if (timer.due > it.now || !timers.delete(timer)) continue;
      timer.callback();
      await settled();
    }
  };
  it.says = async (frame) => {
    it.newest().onmessage({ data: JSON.stringify(frame) });
    await settled();
  };
  const say = (name) => (what) => it.happened.push(what === undefined ? name : [name, what.state ?? what.type]);
  it.link = new Link({
    dial: () => {
      const connection = { sent: [], send: (text) => connection.sent.push(text), close: (code) => (connection.closedWith = code) };
      it.connections.push(connection);
      return connection;
    },
    hello: (frame) => hello(frame, it),
    opened: say('opened'),
    heard: () => {},
    event: say('event'),
    lost: say('lost'),
    entered: say('entered'),
    probe: say('probe'),
    graceMs: () => 8_000,
    random: () => 0,
    now: () => it.now,
    setTimer: (callback, ms) => {
      const timer = { callback, due: it.now + ms };
      timers.add(timer);
      return timer;
    },
    clearTimer: (timer) => timers.delete(timer),
  });
  return it;
}

const WELCOME = { type: 'welcome', heartbeat_ms: 25_000 };

test('a link is open when the greeting has been answered, and hands on what is neither an answer nor its own', async () => {
  let greeted;
  const it = setUp({ hello: () => new Promise((resolve) => (greeted = resolve)) });
  it.link.open();
  it.link.open();
  assert.equal(it.connections.length, 1);
  await it.says(WELCOME);
  assert.equal(it.link.isOpen, false);
  greeted();
  await settled();
  assert.equal(it.link.isOpen, true);
  await it.says({ type: 'message' });
  await it.says({ type: 'ok', re: 1 });
  await it.says({ type: 'closing', reason: 'restart' });
  assert.deepEqual(it.happened, [['entered', 'connecting'], ['entered', 'open'], 'opened', ['event', 'message'], ['entered', 'closing']]);
  it.link.send({ type: 'ping' });
  assert.deepEqual(it.newest().sent, ['{"type":"ping"}']);
});

test('a connection that is over says nothing more, and ends nothing', async () => {
  const it = setUp();
  it.link.open();
  await it.says(WELCOME);
  const first = it.newest();
  first.onclose({ code: 1006, reason: '' });
  await it.pass(it.link.state.retryAt - it.now);
  await it.says(WELCOME);
  assert.equal(it.connections.length, 2);
  first.onmessage({ data: '{"type":"message"}' });
  first.onclose({ code: 1000, reason: '' });
  assert.equal(it.link.isOpen, true);
  assert.ok(!it.happened.some((what) => what[0] === 'event'));
});

test('a greeting that goes wrong is another try, and one that ends late opens nothing', async () => {
  const ends = [];
  const it = setUp({ hello: () => new Promise((resolve, reject) => ends.push({ resolve, reject })) });
  it.link.open();
  await it.says(WELCOME);
  ends[0].reject(new Error('not now'));
  await settled();
  assert.deepEqual([it.newest().closedWith, it.link.state.state, it.link.state.final], [4001, 'closed', false]);
  await it.pass(it.link.state.retryAt - it.now);
  await it.says(WELCOME);
  it.newest().onclose({ code: 1006, reason: '' });
  ends[1].resolve();
  await settled();
  assert.equal(it.link.state.state, 'closed');
});

test('a connection that never says welcome is given up, and another one opened', async () => {
  const it = setUp();
  it.link.open();
  await it.pass(10_000);
  assert.equal(it.newest().closedWith, 4001);
  await it.pass(it.link.state.retryAt - it.now);
  assert.equal(it.connections.length, 2);
});

test('a silent connection is probed, then dropped', async () => {
  const it = setUp();
  it.link.open();
  await it.says(WELCOME);
  await it.pass(25_000);
  assert.equal(it.happened.at(-1), 'probe');
  await it.pass(8_000);
  assert.deepEqual([it.link.state.code, it.link.state.final], [4001, false]);
});

test('a code that forbids it is not followed by another connection', async () => {
  const it = setUp();
  it.link.open();
  await it.says(WELCOME);
  it.newest().onclose({ code: 4501, reason: 'signed out' });
  assert.deepEqual(it.link.state, { state: 'closed', code: 4501, reason: 'signed out', final: true, retryAt: undefined });
  await it.pass(3_600_000);
  assert.equal(it.connections.length, 1);
});

test('another connection takes over: the one before is left, and its greeting is the next opening', async () => {
  const it = setUp();
  it.link.open();
  await it.says(WELCOME);
  const first = it.newest();
  const second = { sent: [], send: (text) => second.sent.push(text), close: (code) => (second.closedWith = code) };
  it.happened.length = 0;
  assert.equal(it.link.replace(second, WELCOME), true);
  await settled();
  assert.deepEqual(it.happened, ['lost', ['entered', 'connecting'], ['entered', 'open'], 'opened']);
  assert.equal(first.closedWith, 1000);
  first.onclose({ code: 1000, reason: '' });
  first.onmessage({ data: '{"type":"message"}' });
  second.onmessage({ data: '{"type":"message"}' });
  assert.deepEqual([it.link.isOpen, it.happened.slice(4)], [true, [['event', 'message']]]);
});

test('nothing takes over while there is no open connection', () => {
  const it = setUp();
  assert.equal(it.link.replace({}, WELCOME), false);
  it.link.open();
  assert.equal(it.link.replace({}, WELCOME), false);
});
