/** A conversation as the page keeps it, without a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './lib/fake.mjs';

const { Talk, KEPT_AWAY, KEPT_READING, KEPT_SHOWN } = await load('js/talk.js');

const me = { id: 'me', name: 'Me' };
const other = { id: 'other', name: 'Other' };
const message = (seq, from = other) => ({ type: 'message', seq, id: `m${seq}`, from, body: `b${seq}` });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

function flooded(many) {
  const talk = new Talk('room:r', { name: 'r', room: 'r', kind: 'chat' });
  for (const seq of range(1, many)) {
    talk.add([message(seq)]);
    talk.trim('away');
  }
  return talk;
}

test('a room that is not in view keeps its newest entries alone, and can have the older ones again', () => {
  const talk = flooded(200_000);
  assert.equal(talk.entries.length, KEPT_AWAY);
  assert.equal(talk.newest, 200_000);
  assert.equal(talk.more, true);
  assert.equal(talk.oldest, 200_000 - KEPT_AWAY + 1);
});

test('what was let go still counts as unread, once', () => {
  const talk = flooded(1000);
  assert.equal(talk.unread(me), 1000);
  talk.add(range(500, 1000 - KEPT_AWAY).map((seq) => message(seq)));
  assert.equal(talk.unread(me), 1000);
  talk.trim('away');
  assert.equal(talk.unread(me), 1000);
  talk.markRead();
  assert.equal(talk.unread(me), 0);
  talk.add([message(1001), message(1002, me)]);
  assert.equal(talk.unread(me), 1);
});

test('own entries never count as unread, let go or found again', () => {
  const talk = new Talk('room:r', { name: 'r', room: 'r', kind: 'chat' });
  talk.add(range(1, KEPT_AWAY + 100).map((seq) => message(seq, seq <= 50 ? me : other)), me);
  talk.trim('away', me);
  assert.equal(talk.unread(me), KEPT_AWAY + 50);
  talk.add(range(1, 100).map((seq) => message(seq, seq <= 50 ? me : other)), me);
  assert.equal(talk.unread(me), KEPT_AWAY + 50);
});

test('the room in view keeps more; what comes while somebody reads far back is loaded when they return', () => {
  const talk = new Talk('room:r', { name: 'r', room: 'r', kind: 'chat' });
  talk.reading = true;
  for (const seq of range(1, KEPT_READING)) assert.equal(talk.hear(message(seq)), true);
  assert.equal(talk.hear(message(KEPT_READING + 1)), false);
  assert.equal(talk.entries.length, KEPT_READING);
  talk.reading = false;
  assert.equal(talk.hear(message(KEPT_READING + 2)), false, 'no hole may stand before it');
  talk.reset(range(KEPT_READING - 50, KEPT_READING + 2).map((seq) => message(seq)), true);
  assert.equal(talk.hear(message(KEPT_READING + 3)), true);
  talk.add(range(1, KEPT_READING - 51).map((seq) => message(seq)));
  talk.trim('shown');
  assert.equal(talk.entries.length, KEPT_SHOWN);
  assert.equal(talk.newest, KEPT_READING + 3);
});

test('older pages are found again where they were let go', () => {
  const talk = flooded(1000);
  assert.equal(talk.add(range(talk.oldest - 100, talk.oldest - 1).map((seq) => message(seq))), 100);
  assert.deepEqual(talk.entries.map(({ seq }) => seq), range(1000 - KEPT_AWAY - 99, 1000));
});
