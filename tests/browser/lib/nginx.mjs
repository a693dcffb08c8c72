/** A real nginx in front of a server, as somebody set it up who had never heard of WebSockets. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server.mjs';

const BIN = process.env.NGINX ?? '/usr/sbin/nginx';

export class Nginx {
  /**
   * @param {number} port the server's
   * @param {string} [more] directives for the location
   * @param {string} [cut] the path of the location, which the server does not get to see
   */
  static async start(port, more = '', cut = '') {
    const nginx = new Nginx();
    nginx.dir = await mkdtemp(join(tmpdir(), 'parlor-nginx-'));
    nginx.port = await freePort();
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${nginx.dir}/${name};`).join(' ');
    const conf = `
      daemon off; master_process off; pid ${nginx.dir}/pid; error_log stderr warn;
      events { worker_connections 512; }
      http {
        access_log off; ${paths}
        server {
          listen 127.0.0.1:${nginx.port};
          location ${cut || '/'} { proxy_pass http://127.0.0.1:${port}${cut && '/'}; proxy_set_header Host $http_host; ${more} }
        }
      }`;
    await writeFile(join(nginx.dir, 'nginx.conf'), conf);
    nginx.child = spawn(BIN, ['-c', join(nginx.dir, 'nginx.conf'), '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const noise = [];
    nginx.child.stderr.on('data', (data) => noise.push(data));
    while (!(await answers(nginx.port))) {
      if (nginx.child.exitCode !== null) throw new Error(`nginx ended with ${nginx.child.exitCode}:\n${Buffer.concat(noise)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return nginx;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  async stop() {
    const gone = this.child.exitCode === null ? new Promise((resolve) => this.child.once('exit', resolve)) : null;
    this.child.kill('SIGTERM');
    await gone;
    await rm(this.dir, { recursive: true, force: true });
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
