/** A TCP proxy with bad habits, which a test can change at any time. */
import { connect, createServer } from 'node:net';

export class Proxy {
  /** `pass`; `kill`: WebSockets open and die young; `hang`: they never open. */
  webSockets = 'pass';
  /** Whether nobody gets through at all. */
  isDown = false;
  /** Called with the head of each request; `cut` means that it arrives and its answer does not, `hold` that the answer comes when it has ended. */
  rule = () => 'pass';
  /** How many WebSockets were asked for. */
  upgrades = 0;
  #sockets = new Set();

  static async start(port) {
    const proxy = new Proxy();
    proxy.server = createServer((client) => proxy.#serve(client, port));
    await new Promise((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}/`;
  }

  /** Cut all connections. */
  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop() {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(client, port) {
    if (this.isDown) return client.destroy();
    const server = connect(port, '127.0.0.1');
    let timer = null;
    let habit = 'pass';
    const held = [];
    const end = () => {
      clearTimeout(timer);
      for (const socket of [client, server]) {
        socket.destroy();
        this.#sockets.delete(socket);
      }
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (chunk) => {
      const head = chunk.toString('latin1');
      const isRequest = /^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(head);
      if (isRequest && /\r\nupgrade: websocket/i.test(head)) {
        this.upgrades += 1;
        if (this.webSockets === 'hang') return;
        if (this.webSockets === 'kill') timer = setTimeout(end, 100 + Math.random() * 400);
      } else if (isRequest) habit = this.rule(head.split('\r\n')[0]);
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (habit === 'cut') end();
      else if (habit === 'hold') held.push(chunk);
      else client.write(chunk);
    });
    server.on('end', () => client.end(Buffer.concat(held)));
    return undefined;
  }
}
