import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { FRAME, frame } from '../protocol/frames.js';
import type { HostAddress } from '../protocol/host-address.js';
import { launchRequestSchema } from '../protocol/launch-request.js';
import { LimitsWatch } from '../sandbox/limits.js';
import { planLaunch, Refusal, type Machine } from './launch-plan.js';
import { ServerProcess } from './server-process.js';

const NEWLINE = 0x0a;
const LONGEST_REQUEST_BYTES = 1_024 * 1_024;
const REQUEST_LIMIT_MS = 10_000;

/**
 * Starts tool servers for others: one connection is one server. The first line says what to start, the rest is its input;
 * what it writes comes back line by line. The end of the connection is the end of the server.
 */
export class ToolHost {
  private readonly server: Server;
  private readonly servers = new Set<ServerProcess>();
  private readonly connections = new Set<Promise<void>>();
  private readonly watch = new LimitsWatch();

  constructor(private readonly machine: Machine) {
    this.server = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true },
      (socket) => {
        const serving = this.serve(socket).finally(() => this.connections.delete(serving));
        this.connections.add(serving);
      },
    );
  }

  /** Resolves when it accepts connections. */
  async listen(address: HostAddress): Promise<void> {
    this.server.listen(address);
    await once(this.server, 'listening');
  }

  /** Port of an address that left it open. */
  get port(): number | undefined {
    const address = this.server.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  /** Ends all servers, within 3 s, and deletes their temporary files. */
  async close(): Promise<void> {
    this.server.close();
    await Promise.all([...this.servers].map((server) => server.end()));
    await Promise.all(this.connections);
    rmSync(this.machine.scratch, { recursive: true, force: true });
  }

  private async serve(socket: Socket): Promise<void> {
    // Whoever breaks off is told nothing more.
    socket.on('error', () => undefined);
    try {
      await this.launch(socket, await requestOn(socket));
    } catch (error) {
      const reason = error instanceof Refusal ? error.message : `not started: ${String(error)}`;
      socket.write(frame(FRAME.end, { reason }));
    }
    socket.end();
    socket.resume();
  }

  private async launch(socket: Socket, text: string): Promise<void> {
    const request = launchRequestSchema.parse(JSON.parse(text));
    const plan = planLaunch(request, this.machine);
    const server = new ServerProcess(plan, {
      send: (bytes) => socket.destroyed || socket.write(bytes),
      whenReady: () => once(socket, 'drain').catch(() => undefined),
    });
    this.servers.add(server);
    const { sandbox, reason } = plan;
    socket.write(frame(FRAME.started, { sandbox, reason }));
    socket.once('close', () => void server.end());
    socket.once('end', () => void server.end());
    socket.pipe(server.input);
    const end = await server.serve(request, this.watch);
    this.servers.delete(server);
    socket.write(frame(FRAME.end, end));
  }
}

/** The first line; what has come after it is left on the socket. */
async function requestOn(socket: Socket): Promise<string> {
  const deadline = AbortSignal.timeout(REQUEST_LIMIT_MS);
  let read = Buffer.alloc(0);
  for (;;) {
    await once(socket, 'readable', { signal: deadline });
    const chunk = socket.read() as Buffer | null;
    if (chunk === null && socket.readableEnded) throw new Refusal('no request');
    read = Buffer.concat([read, chunk ?? Buffer.alloc(0)]);
    const end = read.indexOf(NEWLINE);
    if (end >= 0) {
      if (end + 1 < read.length) socket.unshift(read.subarray(end + 1));
      return read.toString('utf8', 0, end);
    }
    if (read.length > LONGEST_REQUEST_BYTES) throw new Refusal('the request is too long');
  }
}
