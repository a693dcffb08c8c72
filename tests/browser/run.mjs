/**
 * The page in a real browser, against the real server.
 *
 *     node run.mjs [client] [readme] [identity] [attention] [finding] [chat] [forgetful] [light] [lists] [connect4] [examples] [fallback] [compare] [below]
 *
 * PARLOR_BIN: the binary (default target/debug/parlor). CHROMIUM: the browser (default /usr/bin/chromium).
 */
import * as attention from './attention.mjs';
import * as below from './below.mjs';
import * as chat from './chat.mjs';
import * as compare from './compare.mjs';
import * as connect4 from './connect4.mjs';
import * as examples from './examples.mjs';
import * as fallback from './fallback.mjs';
import * as finding from './finding.mjs';
import * as forgetful from './forgetful.mjs';
import * as identity from './identity.mjs';
import * as light from './light.mjs';
import * as lists from './lists.mjs';
import * as readme from './readme.mjs';
import { launch } from './lib/browser.mjs';
import { close, scenario } from './lib/report.mjs';
import { Server } from './lib/server.mjs';
import { units } from './lib/units.mjs';

const SCENARIOS = { fallback, compare, readme, identity, attention, finding, chat, forgetful, light, lists, connect4, below, examples };
/** Tests without a browser, run under the name `client`. */
const UNITS = ['client.test.mjs', 'link.test.mjs', 'sender.test.mjs', 'waiting.test.mjs', 'talk.test.mjs', 'rich.test.mjs', 'words.test.mjs', 'wrong.test.mjs'];
/** Many tabs share one address here, and scripts write faster than people. */
const ROOMY = ['--rate-per-second', '2000', '--rate-burst', '4000', '--max-clients-per-address', '1000'];

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['client', ...Object.keys(SCENARIOS)];
const browser = await launch();
let crashed = false;
try {
  for (const name of wanted) {
    scenario(name);
    if (name === 'client') {
      for (const file of UNITS) await units(file);
      continue;
    }
    let server;
    try {
      server = await Server.start(SCENARIOS[name].journal, ...ROOMY);
      await SCENARIOS[name].run({ browser, server });
    } catch (error) {
      crashed = true;
      console.log(`not ok ${name}: broke off\n    ${error?.stack ?? error}`);
    } finally {
      await server?.stop();
    }
  }
} finally {
  await browser.close();
}
process.exitCode = close() && !crashed ? 0 : 1;
