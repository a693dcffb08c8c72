/** Requests of a session over HTTP whose answers are lost: what the server was sent, and what it has done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, settled } from './lib/fake.mjs';

const { Sender } = await load('client/http/sender.js');

/** A sender, and a server that does each number once. The test answers each request, or loses its answer. */
function setUp() {
  const it = { requests: [], done: [], refused: [], pauses: [], newest: 0 };
  const host = {
    url: '/api/sessions/s',
    frameBytes: 65_536,
    times: { requestMs: 15_000, retryMs: 500 },
    setTimer: (callback, ms) => (ms === 15_000 ? 0 : it.pauses.push(callback)),
    clearTimer: () => {},
    message: (data) => it.refused.push(JSON.parse(data)),
    over: (code) => assert.fail(`ended with ${code}`),
    fetch: (url, { body }) => {
      const n = Number(new URL(url, 'http://here').searchParams.get('n'));
      return new Promise((resolve, reject) => {
        const accept = () => {
          if (n > it.newest) it.done.push(...body.split('\n'));
          it.newest = n;
        };
        const answer = (status, text) => resolve({ status, text: async () => text, headers: new Map() });
        it.requests.push({
          n,
          body,
          accepted: () => (accept(), answer(202, '{}'), settled()),
          lost: () => (accept(), reject(new TypeError('cut')), settled()),
          refused: (max) => (answer(413, JSON.stringify({ code: 'too_big', message: 'long', max })), settled()),
        });
      });
    },
  };
  it.sender = new Sender(host);
  it.say = (text) => (it.sender.push(text), settled());
  it.request = () => it.requests.at(-1);
  it.goOn = async () => {
    it.pauses.shift()();
    await settled();
  };
  return it;
}

test('what is said while a request is under way goes out together with the next one', async () => {
  const it = setUp();
  for (const text of ['a', 'b', 'c']) await it.say(text);
  assert.equal(it.requests.length, 1);
  await it.request().accepted();
  assert.deepEqual([it.request().n, it.request().body], [2, 'b\nc']);
});

test('a request whose answer was lost is repeated as it was, whatever was said meanwhile', async () => {
  const it = setUp();
  await it.say('a');
  const first = it.request();
  await it.say('b');
  await first.lost();
  await it.say('c');
  await it.goOn();
  assert.deepEqual([it.request().n, it.request().body], [1, 'a']);
  await it.request().lost();
  await it.goOn();
  await it.request().accepted();
  await it.request().accepted();
  assert.deepEqual(it.done, ['a', 'b', 'c'], 'each once');
});

test('of a request that is refused, each frame is tried alone', async () => {
  const it = setUp();
  await it.say('{"id":1}');
  await it.say('{"id":2}');
  await it.say('{"id":3}');
  await it.request().accepted();
  await it.request().refused();
  await it.request().refused(100);
  await it.request().accepted();
  assert.deepEqual([it.refused.map(({ re, max }) => [re, max]), it.done], [[[2, 100]], ['{"id":1}', '{"id":3}']]);
});
