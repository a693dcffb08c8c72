/** The README's example of the client library, as it is written there, on a page that has nothing else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { profile } from './lib/browser.mjs';
import { check } from './lib/report.mjs';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

export async function run({ browser, server }) {
  // The page's own policy forbids scripts that stand in the HTML, which is how the example is brought in.
  const context = await profile(browser, { bypassCSP: true });

  await check('each JavaScript example of the README runs', async () => {
    const examples = [...README.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
    assert.ok(examples.length >= 1);
    for (const code of examples) {
      const page = await context.newPage();
      const troubles = [];
      page.on('pageerror', (error) => troubles.push(String(error)));
      const [, words] = /say\("[^"]+", "([^"]+)"\)/.exec(code);
      const heard = page.waitForEvent('console', { predicate: (line) => line.text().endsWith(words) });
      heard.catch(() => {});
      await page.goto(`${server.url}robots.txt`);
      await page.addScriptTag({ type: 'module', content: code });
      const failed = page.waitForEvent('pageerror').then((error) => Promise.reject(error));
      failed.catch(() => {});
      assert.match((await Promise.race([heard, failed])).text(), /^guest-\d+ hello$/);
      assert.deepEqual(troubles, []);
      await page.close();
    }
  });
  await context.close();
}
