/** A Parlor of the test's own: its port, its journal, its secret. It can be killed, and started again where it was. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BIN = resolve(process.env.PARLOR_BIN ?? fileURLToPath(new URL('../../../target/debug/parlor', import.meta.url)));
const START_MS = 20_000;

export class Server {
  #child = null;

  /**
   * @param {string} [journal] where it keeps its log: a file in a directory of its own, unless told otherwise
   * @param {...string} more arguments
   */
  static async start(journal, ...more) {
    const server = new Server();
    server.dir = await mkdtemp(join(tmpdir(), 'parlor-browser-'));
    server.port = await freePort();
    server.args = ['--host', '127.0.0.1', '--port', String(server.port), '--journal', journal ?? join(server.dir, 'journal.db'), '--secret', 'a secret that only the tests know, 0123456789', ...more];
    await server.up();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Start it, and wait until it says where it is. */
  async up() {
    const child = spawn(BIN, this.args, { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, RUST_BACKTRACE: '1' } });
    this.#child = child;
    const noise = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      noise.push(line);
      if (process.env.VERBOSE) console.log(`  server: ${line}`);
      if (noise.length > 200) noise.shift();
      if (/panicked/.test(line)) console.log(`# server: ${line}`);
    });
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server said nothing in ${START_MS} ms`)), START_MS);
      const done = (settle, value) => {
        clearTimeout(timer);
        settle(value);
      };
      createInterface({ input: child.stdout }).once('line', () => done(resolve));
      child.once('error', (error) => done(reject, error));
      child.once('exit', (code) => done(reject, new Error(`the server ended with ${code}:\n${noise.join('\n')}`)));
    });
  }

  /** Ask it to end, and see that it does so well. */
  async end() {
    const child = this.#child;
    this.#child = null;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const code = await gone;
    if (code !== 0) throw new Error(`the server ended with ${code}`);
  }

  /** End it as a power cut would. */
  async kill() {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async stop() {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
