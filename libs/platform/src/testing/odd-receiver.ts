import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that answers as it is told; `answer` may be changed. */
export class OddReceiver {
  url = '';
  sizes: number[] = [];
  answer: RequestListener = (_request, response) => response.end();
  #server?: Server;

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      let size = 0;
      request.on('data', (chunk: Buffer) => (size += chunk.length));
      request.on('end', () => {
        this.sizes.push(size);
        this.answer(request, response);
      });
      request.on('error', () => undefined);
    });
    this.#server = server;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    return this;
  }

  async stop(): Promise<void> {
    if (!this.#server?.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
