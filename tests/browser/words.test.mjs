/** The page's words: the same in both languages, and none that is missing. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load } from './lib/fake.mjs';

const { default: en } = await load('js/lang/en.js');
const { default: zh } = await load('js/lang/zh.js');
const root = fileURLToPath(new URL('../../static/', import.meta.url));
const sources = readdirSync(`${root}js`, { recursive: true }).filter((name) => name.endsWith('.js') && !name.startsWith('lang')).map((name) => readFileSync(`${root}js/${name}`, 'utf8'));
const html = readFileSync(`${root}index.html`, 'utf8');
const blanks = (words) => [...JSON.stringify(words).matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

test('both languages have the same words, with the same blanks', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const key of Object.keys(en)) assert.deepEqual([...new Set(blanks(zh[key]))].sort(), [...new Set(blanks(en[key]))].sort(), key);
});

test('every word that is used is there', () => {
  const used = [...sources.join('\n').matchAll(/\bt\('([a-z0-9_]+)'/g), ...html.matchAll(/data-t(?:-label|-placeholder)?="([a-z0-9_]+)"/g)].map(([, key]) => key);
  assert.ok(used.length > 100);
  assert.deepEqual([...new Set(used)].filter((key) => !(key in en)), []);
});

test('what a screen reader or a newcomer would stumble over is not said', () => {
  const said = JSON.stringify(en);
  for (const riddle of ['door stays shut', 'private words', 'To the newest', 'May be left empty', 'What it is for', 'stands in the list', 'As the system', 'Set up the board', 'was opened']) assert.ok(!said.includes(riddle) && !html.includes(riddle), riddle);
  for (const riddle of ['房间已开放', '打开房间', '谁在这里', '使用这个名字', '摆好棋盘', '接受再来一局', '最后由']) assert.ok(!JSON.stringify(zh).includes(riddle), riddle);
});
