/** The server's errors in the reader's language. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { load } from './lib/fake.mjs';

globalThis.navigator ??= { languages: ['en'] };
globalThis.document ??= { documentElement: {}, querySelectorAll: () => [] };

const { ParlorError } = await load('client/error.js');
const { loadWords, setLanguage } = await load('js/i18n.js');
const { errorWords } = await load('js/wrong.js');

const error = (code, more = {}) => new ParlorError(code, 'in the server’s words', undefined, more);
const refused = (more) => errorWords(error('bad_request', more));

await loadWords();
after(() => setLanguage('en'));

test('a field that is too long, empty or out of its range is named with its bound', async () => {
  await setLanguage('en');
  assert.equal(refused({ field: 'name', max: 32, unit: 'characters' }), 'Name: at most 32 characters.');
  assert.equal(refused({ field: 'body', max: 4096, unit: 'characters' }), 'Message: at most 4096 characters.');
  assert.equal(refused({ field: 'room', min: 1, unit: 'characters' }), 'Room name: must not be empty.');
  assert.equal(refused({ field: 'column', min: 0, max: 6 }), 'Column: from 0 to 6.');
  assert.equal(refused({ field: 'mentions', max: 16, unit: 'items' }), 'Mentions: at most 16.');
  assert.equal(refused({ field: 'kind', allowed: ['chat', 'counter'] }), 'Type: one of chat, counter.');
  assert.match(refused({ field: 'room', max: 200, unit: 'rooms' }), /You are in 200 rooms/);
  assert.match(refused({ field: 'name' }), /only letters/);
});

test('the same in Chinese', async () => {
  await setLanguage('zh');
  assert.equal(refused({ field: 'name', max: 32, unit: 'characters' }), '名字：最多 32 个字符。');
  assert.equal(refused({ field: 'room', min: 1, unit: 'characters' }), '房间名称：不能为空。');
  assert.equal(refused({ field: 'column', min: 0, max: 6 }), '列：应在 0 到 6 之间。');
  assert.match(refused({ field: 'room', max: 200, unit: 'rooms' }), /200 个房间/);
  assert.equal(errorWords(error('name_taken', { field: 'room' })), '已有同名房间。');
  assert.equal(errorWords(error('name_taken', { field: 'name' })), '这个名字已被使用。');
});

test('a field that we have no words for is left to the server’s words, and so is a code', async () => {
  await setLanguage('en');
  assert.equal(refused({ field: 'every_ms', min: 1 }), 'in the server’s words');
  assert.equal(refused({}), 'in the server’s words');
  assert.equal(errorWords(error('of_tomorrow')), 'in the server’s words');
  assert.equal(errorWords(error('column_full', { field: 'column' })), 'That column is full.');
});
