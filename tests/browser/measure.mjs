/**
 * How long until the page is usable: a message can be typed and sent, since the connection stands and the room is entered.
 *
 *     PARLOR_BIN=target/release/parlor node tests/browser/measure.mjs
 *
 * All that the browser sends and hears passes a proxy with a round trip of 150 ms, also for the handshake of TCP, and
 * 1.6 Mbit/s each way. Medians of five visits, cold (a new profile) and warm
 * (the same one again). Not a test: nothing is asserted.
 */
import { createServer, connect } from 'node:net';
import { launch, profile } from './lib/browser.mjs';
import { Server } from './lib/server.mjs';

const ROUND_TRIP_MS = 150;
const BYTES_PER_SECOND = 1_600_000 / 8;
const VISITS = 5;

/** A TCP proxy on which everything takes its time: half a round trip each way, and a bound on the bytes per second. */
async function slow(port) {
  const line = { up: 0, down: 0 };
  const pass = (from, to, way) => {
    from.on('data', (chunk) => {
      const begins = Math.max(performance.now(), line[way]);
      line[way] = begins + (chunk.length / BYTES_PER_SECOND) * 1000;
      setTimeout(() => to.writable && to.write(chunk), line[way] - performance.now() + ROUND_TRIP_MS / 2);
    });
    from.on('close', () => setTimeout(() => to.destroy(), ROUND_TRIP_MS));
    from.on('error', () => to.destroy());
  };
  const proxy = createServer((client) => {
    client.pause();
    // The handshake of TCP takes a round trip too, which the loopback does not.
    setTimeout(() => {
      const server = connect(port, '127.0.0.1', () => {
        pass(client, server, 'up');
        pass(server, client, 'down');
        client.resume();
      });
      server.on('error', () => client.destroy());
    }, ROUND_TRIP_MS);
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}

async function visit(context, url) {
  const page = await context.newPage();
  const began = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(() => document.getElementById('connection')?.dataset.state === 'open' && document.querySelector('#log[aria-busy="false"]') !== null && !document.getElementById('composer-text').disabled && document.getElementById('title').textContent === 'lobby', null, { polling: 20 });
  const took = performance.now() - began;
  const requests = await page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).filter(({ transferSize }) => transferSize > 0).map(({ transferSize }) => transferSize));
  await page.close();
  return { took, requests: requests.length, bytes: requests.reduce((sum, size) => sum + size, 0) };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const server = await Server.start('memory');
const proxy = await slow(server.port);
const browser = await launch();
try {
  const url = `http://127.0.0.1:${proxy.address().port}/?room=lobby`;
  const [cold, warm] = [[], []];
  for (let round = 0; round < VISITS; round += 1) {
    const context = await profile(browser);
    cold.push(await visit(context, url));
    warm.push(await visit(context, url));
    await context.close();
  }
  for (const [name, visits] of Object.entries({ cold, warm })) {
    console.log(`${name}: usable after ${Math.round(median(visits.map(({ took }) => took)))} ms, ${median(visits.map(({ requests }) => requests))} requests, ${median(visits.map(({ bytes }) => bytes))} bytes (medians of ${VISITS})`);
  }
} finally {
  await browser.close();
  proxy.close();
  await server.stop();
}
process.exit(0);
