/** The small language of messages, as pieces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './lib/fake.mjs';

const { inline, isEmojiAlone, isLink, parse } = await load('js/rich/parse.js');

test('bold, italic and code are marked; what is not closed is text', () => {
  assert.deepEqual(inline('a **b** *c* `d*e*`'), ['a ', { bold: ['b'] }, ' ', { italic: ['c'] }, ' ', { code: 'd*e*' }]);
  assert.deepEqual(inline('**a *b* c**'), [{ bold: ['a ', { italic: ['b'] }, ' c'] }]);
  for (const plain of ['2 * 3 * 4', 'a*b*c', '** a **', '*a', '**a', '`a', '* a list', 'snake_case_word', '<b>x</b>']) assert.deepEqual(inline(plain), [plain]);
});

test('addresses are links, without the sentence around them', () => {
  assert.deepEqual(inline('see https://a.example/x?y=1#z.'), ['see ', { link: 'https://a.example/x?y=1#z' }, '.']);
  assert.deepEqual(inline('(https://a.example/w_(x))'), ['(', { link: 'https://a.example/w_(x)' }, ')']);
  assert.deepEqual(inline('看 https://a.example/。好'), ['看 ', { link: 'https://a.example/' }, '。好']);
  assert.deepEqual(inline('mailto:a@b.example'), [{ link: 'mailto:a@b.example' }]);
});

test('other schemes never are', () => {
  for (const evil of ['javascript:alert(1)', 'JAVASCRIPT:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'https:', 'mailto:nobody', ' javascript:alert(1)']) {
    assert.equal(isLink(evil), false, evil);
    assert.ok(parse(evil).flatMap(({ pieces }) => pieces).every((piece) => typeof piece === 'string'), evil);
  }
});

test('rooms are links where a word begins', () => {
  assert.deepEqual(inline('come to #tea, or #茶!'), ['come to ', { room: 'tea' }, ', or ', { room: '茶' }, '!']);
  for (const plain of ['a#b', '##x', '# heading', '&#39;']) assert.deepEqual(inline(plain), [plain]);
  assert.deepEqual(inline('https://a.example/#tea'), [{ link: 'https://a.example/#tea' }]);
});

test('fenced code stays as it is', () => {
  assert.deepEqual(parse('look:\n```js\nconst a = **1**;\n\n> b\n```\nok'), [{ pieces: ['look:'] }, { code: 'const a = **1**;\n\n> b', language: 'js' }, { pieces: ['ok'] }]);
  assert.deepEqual(parse('```\nopen'), [{ pieces: ['```\nopen'] }]);
});

test('quotes are lines', () => {
  assert.deepEqual(parse('> one\n> **two**\nthree'), [{ quote: ['one\n', { bold: ['two'] }] }, { pieces: ['three'] }]);
  assert.deepEqual(parse('one\n> two'), [{ pieces: ['one'] }, { quote: ['two'] }]);
  assert.deepEqual(parse('3 > 2'), [{ pieces: ['3 > 2'] }]);
});

test('emoji alone are told from words', () => {
  for (const big of ['😀', '👍🏽', '🇩🇪', '👨‍👩‍👧', '❤️ 🎉', '1️⃣']) assert.ok(isEmojiAlone(big), big);
  for (const small of ['a', '1', '😀 a', '', ' ', '😀😀😀😀😀😀😀😀😀😀']) assert.ok(!isEmojiAlone(small), small);
});

test('no text, however long, takes long', () => {
  for (const long of ['*'.repeat(4000), '**a '.repeat(1000), '`'.repeat(4000), '> '.repeat(2000), '>\n'.repeat(2000), 'http://'.repeat(500), '```\n'.repeat(1000), '#a'.repeat(2000), '('.repeat(2000) + ')'.repeat(2000)]) {
    const began = process.cpuUsage().user;
    parse(long);
    assert.ok(process.cpuUsage().user - began < 2_000_000, long.slice(0, 20));
  }
});
