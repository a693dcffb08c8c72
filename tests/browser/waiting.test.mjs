/** The client library while there is no connection yet, while there is none any more, and on a slow one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comeBack, inRoom, joined, message, setUp, settled, waitOut } from './lib/fake.mjs';

const types = (socket) => socket.sent.map(({ type }) => type);

test('join and say may follow connect at once', async () => {
  const it = setUp();
  it.client.connect();
  const joining = it.client.join({ room: 'r' });
  const saying = it.client.say('r', 'hello');
  await it.newest().welcomes();
  assert.deepEqual(types(it.newest()), ['join']);
  await it.newest().answers('join', joined(0, []));
  await it.newest().answers('say', { seq: 1 });
  assert.equal((await joining).room, 'r');
  assert.equal((await saying).seq, 1);
});

test('joins follow the token at once: the server does them in order', async () => {
  const storage = new Map([['parlor.token', 'mine']]);
  const it = setUp({ storage: { getItem: (key) => storage.get(key) ?? null, setItem: (key, value) => storage.set(key, value), removeItem: (key) => storage.delete(key) } });
  it.client.connect();
  const joining = it.client.join({ room: 'r' });
  const listing = it.client.request('rooms');
  await it.newest().welcomes();
  assert.deepEqual(types(it.newest()), ['resume', 'join']);
  assert.equal(it.client.isOpen, false);
  await it.newest().answers('resume', { user: { id: 'u9', name: 'Ann' }, token: 't9' });
  assert.equal(it.client.isOpen, true);
  assert.deepEqual(types(it.newest()), ['resume', 'join', 'rooms']);
  await it.newest().answers('join', joined(0, []));
  await it.newest().answers('rooms', { rooms: [] });
  assert.equal((await joining).room, 'r');
  await listing;
  await it.newest().dies();
  await waitOut(it);
  assert.deepEqual(types(it.newest()), ['resume', 'join']);
});

test('a join behind a token that is refused for now is asked again on the next connection', async () => {
  const storage = new Map([['parlor.token', 'mine']]);
  const it = setUp({ storage: { getItem: (key) => storage.get(key) ?? null, setItem: (key, value) => storage.set(key, value), removeItem: (key) => storage.delete(key) } });
  it.client.connect();
  const joining = it.client.join({ room: 'r' });
  await it.newest().welcomes();
  await it.newest().refuses('resume', 'unavailable');
  assert.equal(it.client.state.state, 'closed');
  await waitOut(it);
  assert.deepEqual(types(it.newest()), ['resume', 'join']);
  await it.newest().answers('resume', { user: { id: 'u9', name: 'Ann' }, token: 't9' });
  await it.newest().answers('join', joined(0, []));
  assert.equal((await joining).room, 'r');
});

test('any request waits while the connection is being opened', async () => {
  const it = setUp();
  it.client.connect();
  const listing = it.client.request('rooms');
  await it.newest().welcomes();
  await it.newest().answers('rooms', { rooms: [] });
  assert.deepEqual((await listing).rooms, []);
});

test('ready tells when the connection is there, and who we are', async () => {
  const it = setUp();
  it.client.connect();
  const ready = it.client.ready();
  await it.newest().welcomes();
  assert.deepEqual(await ready, { id: 'u1', name: 'guest-1' });
  assert.deepEqual(await it.client.ready(), { id: 'u1', name: 'guest-1' });
});

test('nothing waits for a connection that nobody opens', async () => {
  const it = setUp();
  for (const ask of [() => it.client.ready(), () => it.client.join({ room: 'r' }), () => it.client.request('ping')]) {
    await assert.rejects(ask(), { code: 'not_connected', message: /connect\(\)/ });
  }
});

test('a join waits over failed attempts, for as long as it is told', async () => {
  const it = setUp();
  it.client.connect();
  const joining = it.client.join({ room: 'r' });
  const hasty = assert.rejects(it.client.join({ room: 's' }, { timeoutMs: 300 }), { code: 'not_connected' });
  await it.newest().dies();
  await it.clock.pass(1000);
  await hasty;
  assert.equal(it.sockets.length, 2);
  await it.newest().welcomes();
  assert.deepEqual(types(it.newest()), ['join']);
  await it.newest().answers('join', joined(0, []));
  assert.equal((await joining).room, 'r');
});

test('a join gives up after its time by itself, and leaves nothing behind', async () => {
  const it = setUp();
  it.client.connect();
  const joining = assert.rejects(it.client.join({ room: 'r' }), { code: 'not_connected' });
  for (let round = 0; round < 40; round += 1) {
    if (it.client.state.state === 'connecting') await it.newest().dies();
    await it.clock.pass(1000);
  }
  await joining;
  if (it.client.state.state !== 'connecting') await it.clock.pass(20_000);
  await it.newest().welcomes();
  assert.deepEqual(types(it.newest()), []);
});

test('a join whose answer was lost with the connection is asked again', async () => {
  const it = setUp();
  it.client.connect();
  await it.newest().welcomes();
  const joining = it.client.join({ room: 'r' });
  await comeBack(it);
  await it.newest().answers('join', joined(0, []));
  assert.equal((await joining).room, 'r');
});

test('what waits can be aborted, and is not done then', async () => {
  const it = setUp();
  it.client.connect();
  const stop = new AbortController();
  const { signal } = stop;
  const asked = [it.client.ready({ signal }), it.client.join({ room: 'r' }, { signal }), it.client.say('r', 'x', { signal }), it.client.tell('u2', 'x', { signal }), it.client.request('rooms', {}, { signal })];
  const ends = Promise.all(asked.map((one) => assert.rejects(one, { name: 'AbortError' })));
  stop.abort();
  await ends;
  await it.newest().welcomes();
  assert.deepEqual(types(it.newest()), []);
  await assert.rejects(it.client.join({ room: 'r' }, { signal }), { name: 'AbortError' });
});

test('a message said in vain for its time is taken back', async () => {
  const it = setUp();
  it.client.connect();
  const saying = assert.rejects(it.client.say('r', 'x', { timeoutMs: 2000 }), { code: 'not_connected' });
  await it.clock.pass(2000);
  await saying;
  await it.newest().welcomes();
  assert.deepEqual(types(it.newest()), []);
});

test('what waits has a bound, in number and in size', async () => {
  const it = setUp();
  it.client.connect();
  const quietly = (promise) => promise.catch(({ code }) => code);
  const says = Array.from({ length: 1001 }, (_, at) => quietly(it.client.say('r', `m${at}`)));
  assert.equal(await says[1000], 'too_much_waiting');
  const joins = Array.from({ length: 1001 }, () => quietly(it.client.join({ room: 'r' })));
  assert.equal(await joins[1000], 'too_much_waiting');
  it.client.close();
  assert.deepEqual([...new Set(await Promise.all([...says, ...joins]))].sort(), ['not_connected', 'too_much_waiting']);
  it.client.connect();
  const large = quietly(it.client.say('r', 'x'.repeat(1 << 20)));
  assert.equal(await large, 'too_much_waiting');
});

test('a message for a room that nobody joined is refused by the server, not kept for ever', async () => {
  const it = setUp();
  it.client.connect();
  await it.newest().welcomes();
  const saying = assert.rejects(it.client.say('elsewhere', 'x'), { code: 'not_in_room' });
  await it.newest().refuses('say', 'not_in_room');
  await saying;
});

test('a refused join frees what was said behind it', async () => {
  const it = setUp();
  it.client.connect();
  await it.newest().welcomes();
  const joining = assert.rejects(it.client.join({ room: 'r' }), { code: 'forbidden' });
  const saying = assert.rejects(it.client.say('r', 'x'), { code: 'not_in_room' });
  assert.equal(it.newest().asked('say'), undefined);
  await it.newest().refuses('join', 'forbidden');
  await joining;
  await it.newest().refuses('say', 'not_in_room');
  await saying;
});

test('close takes the listeners and the timers along; connect brings them back', async () => {
  const it = await inRoom();
  const said = assert.rejects(it.client.say('r', 'x'), { code: 'not_connected' });
  assert.deepEqual([it.window.listeners, it.document.listeners], [1, 1]);
  it.client.close();
  await said;
  await settled();
  assert.deepEqual([it.window.listeners, it.document.listeners], [0, 0]);
  assert.equal(it.clock.waiting, 0);
  it.client.connect();
  assert.deepEqual([it.window.listeners, it.document.listeners], [1, 1]);
  await assert.rejects(async () => {
    const ready = it.client.ready();
    it.client.close();
    await ready;
  }, { code: 'not_connected' });
});

test('on a slow connection, no room is asked for twice while answers arrive', async () => {
  const it = await inRoom();
  const rooms = ['s', 't', 'u', 'v'];
  for (const room of rooms) {
    const joining = it.client.join({ room });
    await it.newest().answers('join', { ...joined(2, []), room });
    await joining;
  }
  await comeBack(it);
  const asked = it.newest().sent.filter(({ type }) => type === 'join');
  assert.equal(asked.length, 5);
  for (const { id, room } of asked) {
    await it.clock.pass(14_000);
    await it.newest().says({ type: 'ok', re: id, ...joined(2, [], true), room });
  }
  assert.equal(it.newest().sent.filter(({ type }) => type === 'join').length, 5);
  assert.equal(it.sockets.length, 2);
});

test('one long answer is waited for in silence: nothing else can arrive before its end', async () => {
  const it = await inRoom();
  await comeBack(it);
  const { id } = it.newest().asked('join');
  await it.clock.pass(50_000);
  assert.equal(it.client.state.state, 'open');
  assert.equal(it.newest().sent.filter(({ type }) => type === 'join').length, 1);
  await it.newest().says({ type: 'ok', re: id, ...joined(3, [message(3)], true) });
  assert.equal(it.heard.filter(([type]) => type === 'message').length, 3);
  assert.equal(it.sockets.length, 2);
});

test('a connection that is silent for a minute and more is given up, whatever it owes', async () => {
  const it = await inRoom();
  await comeBack(it);
  await it.clock.pass(100_000);
  assert.equal(it.sockets[1].closedWith, 4001);
});

test('a request is given up when the connection brings everything but its answer', async () => {
  const it = await inRoom();
  const asked = assert.rejects(it.client.request('history', { room: 'r' }), { code: 'timeout' });
  for (let second = 0; second < 20; second += 1) {
    await it.clock.pass(1000);
    await it.newest().says({ type: 'tick', n: second });
  }
  await asked;
});
