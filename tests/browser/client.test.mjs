/** The client library without a browser or a server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comeBack, inRoom, joined, load, message, setUp, waitOut } from './lib/fake.mjs';

const { DELAY_MAX_MS, DELAY_MIN_MS, backoffDelay } = await load('client/backoff.js');
const { mayReconnect } = await load('client/closing.js');
const { RoomLog } = await load('client/roomlog.js');

const seqs = (heard) => heard.filter(([type]) => type === 'message').map(([, { seq }]) => seq);

test('backoff stays within its bounds and grows', () => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    for (const random of [0, 0.25, 0.5, 0.999999]) {
      const delay = backoffDelay(attempt, () => random);
      assert.ok(delay >= DELAY_MIN_MS && delay <= DELAY_MAX_MS, `attempt ${attempt}: ${delay}`);
    }
  }
  assert.equal(backoffDelay(0, () => 0.999999), 1000);
  assert.equal(backoffDelay(20, () => 0.999999), DELAY_MAX_MS);
});

test('backoff is full jitter: the lowest draw is the shortest wait, however many attempts failed', () => {
  assert.equal(backoffDelay(30, () => 0), DELAY_MIN_MS);
});

test('backoff respects what the server asked for', () => {
  assert.ok(backoffDelay(0, () => 0, 3000) >= 3000);
  assert.ok(backoffDelay(0, () => 0.9, 3000) > 3000);
});

test('close codes: who may come back', () => {
  for (const code of [1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4003, 4499]) assert.ok(mayReconnect(code), code);
  for (const code of [1000, 1002, 1003, 1007, 1009, 4500, 4501, 4999]) assert.ok(!mayReconnect(code), code);
});

test('a room log shows each event once and notices a gap', () => {
  const log = new RoomLog('r');
  assert.equal(log.since(), undefined);
  log.settle(joined(2, [message(1), message(2)]));
  assert.deepEqual(log.since(), { epoch: 'e', seq: 2 });
  assert.equal(log.accept(message(2)), 'double');
  assert.equal(log.accept(message(3)), 'show');
  assert.equal(log.accept(message(5)), 'gap');
  assert.equal(log.accept(message(6)), 'held');
  const { reset, events } = log.settle(joined(5, [message(4), message(5)], true));
  assert.equal(reset, false);
  assert.deepEqual(events.map(({ seq }) => seq), [4, 5, 6]);
  assert.equal(log.accept(message(7)), 'show');
});

test('a join dispatches its events, then live ones follow', async () => {
  const it = await inRoom();
  await it.newest().says(message(3));
  await it.newest().says(message(3));
  assert.deepEqual(seqs(it.heard), [1, 2, 3]);
  assert.equal(it.heard[0][0], 'entered');
  assert.equal(it.heard[0][1].reset, true);
});

test('after a loss it resumes with its token and asks each room for what it missed', async () => {
  const it = await inRoom();
  await comeBack(it);
  assert.equal(it.sockets.length, 2);
  assert.deepEqual(it.newest().sent[0], { token: 't1', type: 'resume', id: it.newest().sent[0].id });
  const rejoin = it.newest().asked('join');
  assert.deepEqual(rejoin.since, { epoch: 'e', seq: 2 });
  await it.newest().answers('join', joined(4, [message(3), message(4)], true));
  await it.newest().says(message(5));
  assert.deepEqual(seqs(it.heard), [1, 2, 3, 4, 5]);
  assert.equal(it.heard.findLast(([type]) => type === 'entered')[1].reset, false);
});

test('a room whose log is another one is shown anew', async () => {
  const it = await inRoom();
  await comeBack(it);
  await it.newest().answers('join', joined(1, [message(1)], false, 'other'));
  assert.equal(it.heard.findLast(([type]) => type === 'entered')[1].reset, true);
});

test('a gap is filled before anything after it is shown', async () => {
  const it = await inRoom();
  await it.newest().says(message(5));
  assert.deepEqual(seqs(it.heard), [1, 2]);
  await it.newest().answers('join', joined(5, [message(3), message(4), message(5)], true));
  assert.deepEqual(seqs(it.heard), [1, 2, 3, 4, 5]);
});

test('keys and seats are shown again at each rejoin', async () => {
  const it = setUp();
  it.client.connect();
  await it.newest().welcomes();
  const joining = it.client.join({ key: 'KEY' });
  await it.newest().answers('join', { ...joined(0, []), kind: 'connect4', game: { seat: 'SEAT' } });
  await joining;
  await comeBack(it);
  const { key, seat, room } = it.newest().asked('join');
  assert.deepEqual({ key, seat, room }, { key: 'KEY', seat: 'SEAT', room: undefined });
});

test('what was said and not answered is said again with the same key, after the room is back', async () => {
  const it = await inRoom();
  const said = it.client.say('r', 'hello');
  const first = it.newest().asked('say');
  await comeBack(it);
  assert.equal(it.newest().asked('say'), undefined);
  await it.newest().answers('join', joined(2, [], true));
  const second = it.newest().asked('say');
  assert.equal(second.key, first.key);
  assert.equal(second.body, 'hello');
  await it.newest().answers('say', { id: 'x', seq: 3, at: 'now' });
  assert.equal((await said).seq, 3);
  assert.equal(it.newest().sent.filter(({ type }) => type === 'say').length, 1);
});

test('what is said while away goes out on coming back, in order', async () => {
  const it = await inRoom();
  await it.newest().dies();
  const both = [it.client.say('r', 'one'), it.client.say('r', 'two')];
  await waitOut(it);
  await it.newest().answers('resume', { user: { id: 'u1', name: 'guest-1' }, token: 't1' });
  await it.newest().answers('join', joined(2, [], true));
  assert.deepEqual(it.newest().sent.filter(({ type }) => type === 'say').map(({ body }) => body), ['one']);
  await it.newest().answers('say', { seq: 3 });
  await it.newest().answers('say', { seq: 4 });
  assert.deepEqual((await Promise.all(both)).map(({ seq }) => seq), [3, 4]);
});

test('one message of a room is under way at a time, and each is sent once', async () => {
  const it = await inRoom();
  const both = [it.client.say('r', 'one'), it.client.say('r', 'two')];
  const sent = () => it.newest().sent.filter(({ type }) => type === 'say').map(({ body }) => body);
  assert.deepEqual(sent(), ['one']);
  await it.newest().answers('say', { seq: 3 });
  assert.deepEqual(sent(), ['one', 'two']);
  await it.newest().answers('say', { seq: 4 });
  await Promise.all(both);
});

test('"not so fast" is obeyed, and the same message follows later', async () => {
  const it = await inRoom();
  const said = it.client.say('r', 'hello');
  const { key } = it.newest().asked('say');
  await it.newest().refuses('say', 'rate_limited', { retry_after_ms: 700 });
  await it.clock.pass(600);
  assert.equal(it.newest().sent.filter(({ type }) => type === 'say').length, 1);
  await it.clock.pass(200);
  assert.equal(it.newest().sent.filter(({ type }) => type === 'say').length, 2);
  assert.equal(it.newest().asked('say').key, key);
  await it.newest().answers('say', { seq: 3 });
  assert.equal((await said).seq, 3);
});

test('a refusal is a refusal, and the next message goes out', async () => {
  const it = await inRoom();
  const said = assert.rejects(it.client.say('r', 'x'), { code: 'bad_request' });
  const next = it.client.say('r', 'y');
  await it.newest().refuses('say', 'bad_request');
  await said;
  await it.newest().answers('say', { seq: 3 });
  assert.equal((await next).seq, 3);
});

test('what cannot be repeated fails with the connection', async () => {
  const it = await inRoom();
  const played = assert.rejects(it.client.request('play', { room: 'r', column: 3 }), { code: 'connection_lost' });
  await it.newest().dies();
  await played;
  await assert.rejects(it.client.request('ping'), { code: 'not_connected' });
});

test('a final close code ends it, until somebody connects again', async () => {
  const it = await inRoom();
  await it.newest().dies(4501, 'removed');
  assert.equal(it.client.state.final, true);
  await it.clock.pass(10 * DELAY_MAX_MS);
  it.window.dispatchEvent(new Event('online'));
  assert.equal(it.sockets.length, 1);
  it.client.connect();
  assert.equal(it.sockets.length, 2);
});

test('failing attempts wait longer and longer, at most twenty seconds', async () => {
  const it = setUp({ random: () => 0.999 });
  it.client.connect();
  const waits = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    await it.newest().dies();
    waits.push(it.client.state.retryAt - it.clock.now());
    await it.clock.pass(waits.at(-1));
    assert.equal(it.sockets.length, attempt + 2);
  }
  assert.deepEqual(waits.map((wait) => Math.round(wait / 1000)), [1, 2, 4, 8, 16, 20, 20, 20, 20]);
});

test('the network coming back ends the waiting', async () => {
  const it = setUp();
  it.client.connect();
  await it.newest().dies();
  it.window.dispatchEvent(new Event('online'));
  assert.equal(it.sockets.length, 2);
  await it.newest().dies();
  it.document.dispatchEvent(new Event('visibilitychange'));
  assert.equal(it.sockets.length, 3);
});

test('a closing server is given the time it asks for', async () => {
  const it = await inRoom({ random: () => 0 });
  await it.newest().says({ type: 'closing', reason: 'restart', reconnect_after_ms: 4000 });
  assert.equal(it.client.state.state, 'closing');
  await it.newest().dies(1012, 'restart');
  assert.ok(it.client.state.retryAt - it.clock.now() >= 4000);
});

test('silence brings a probe, silence after it ends the connection', async () => {
  const it = await inRoom();
  await it.clock.pass(24_000);
  assert.equal(it.newest().asked('ping'), undefined);
  await it.clock.pass(2_000);
  assert.ok(it.newest().asked('ping'));
  const dead = it.newest();
  await it.clock.pass(9_000);
  assert.equal(dead.closedWith, 4001);
  assert.notEqual(it.client.state.state, 'open');
});

test('any sound is a sign of life', async () => {
  const it = await inRoom();
  for (let second = 0; second < 120; second += 20) {
    await it.clock.pass(20_000);
    await it.newest().says({ type: 'tick', n: 1 });
  }
  assert.equal(it.newest().asked('ping'), undefined);
  assert.equal(it.client.state.state, 'open');
});

test('a token that does not verify makes us somebody new', async () => {
  const kept = new Map([['parlor.token', 'old']]);
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const it = setUp({ storage });
  it.client.connect();
  await it.newest().welcomes({ id: 'u9', name: 'guest-9' }, 't9');
  assert.equal(it.newest().asked('resume').token, 'old');
  await it.newest().refuses('resume', 'forbidden');
  assert.equal(it.client.user.id, 'u9');
  assert.equal(kept.get('parlor.token'), 't9');
});

test('a new name brings a new token', async () => {
  const it = await inRoom();
  const renamed = it.client.request('rename', { name: 'Ada' });
  await it.newest().answers('rename', { user: { id: 'u1', name: 'Ada' }, token: 't-ada' });
  await renamed;
  assert.equal(it.client.user.name, 'Ada');
  await it.newest().dies();
  await waitOut(it);
  assert.equal(it.newest().asked('resume').token, 't-ada');
});

test('a room that is gone is given up, and said so', async () => {
  const it = await inRoom();
  await comeBack(it);
  await it.newest().refuses('join', 'no_such_room');
  assert.equal(it.heard.at(-1)[0], 'lost');
  await comeBack(it);
  assert.equal(it.newest().asked('join'), undefined);
});

test('storage that is down is asked again, not given up', async () => {
  const it = await inRoom();
  await comeBack(it);
  await it.newest().refuses('join', 'unavailable', { retry_after_ms: 500 });
  await it.clock.pass(500);
  assert.equal(it.newest().sent.filter(({ type }) => type === 'join').length, 2);
});

test('private messages follow the inbox', async () => {
  const it = setUp();
  it.client.connect();
  await it.newest().welcomes();
  const joining = it.client.join({ room: '@inbox' });
  await it.newest().answers('join', { ...joined(0, []), room: '@inbox' });
  await joining;
  const whisper = { type: 'private', seq: 1, id: 'p1', from: { id: 'u2' }, to: { id: 'u1' }, body: 'psst' };
  await it.newest().says(whisper);
  await it.newest().says(whisper);
  assert.equal(it.heard.filter(([type]) => type === 'private').length, 1);
});
