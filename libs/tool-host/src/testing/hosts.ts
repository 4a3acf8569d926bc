import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostedServer } from '../client/hosted-server.js';
import { RemoteToolHost } from '../client/remote-tool-host.js';
import type { ToolHost } from '../host/tool-host.js';
import type { LaunchRequest } from '../protocol/launch-request.js';
import { startToolHost } from '../start-tool-host.js';
import type { ToolHostConfig } from '../tool-host.config.js';

export const HOSTILE = fileURLToPath(new URL('hostile-server.mjs', import.meta.url));

/** A host with folders to find things in, and servers that it runs. */
export class HostWorld {
  private readonly servers: TestServer[] = [];

  private constructor(
    private readonly host: ToolHost,
    readonly root: string,
    readonly socket: string,
  ) {}

  /** `find`: what looks for the sandbox of this machine. */
  static async start(
    changed: Partial<ToolHostConfig> = {},
    find?: Parameters<typeof startToolHost>[1],
  ): Promise<HostWorld> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'skynet-host-')));
    for (const folder of ['home', 'work/data', 'host', 'homes']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    const path = join(root, 'host/host.sock');
    const config: ToolHostConfig = {
      listen: { path },
      sandbox: 'bubblewrap',
      homes: join(root, 'homes'),
      userHome: join(root, 'home'),
      environment: { PATH: '/usr/bin:/bin', ANTHROPIC_API_KEY: 'canary-of-environment' },
      ...changed,
    };
    const host = await startToolHost(config, find);
    return new HostWorld(host, root, path);
  }

  /** A request for the hostile server, without sandbox unless the fields say otherwise. */
  request(fields: Partial<LaunchRequest> = {}): LaunchRequest {
    return {
      name: 'hostile',
      command: process.execPath,
      args: [HOSTILE],
      env: {},
      cwd: join(this.root, 'work'),
      sandbox: 'none',
      network: false,
      folders: [],
      hidden: [join(this.root, 'work/data')],
      limits: { processes: 64, memoryMib: 1_024 },
      maxAnswerBytes: 1_000_000,
      ...fields,
    };
  }

  async launch(fields: Partial<LaunchRequest> = {}): Promise<TestServer> {
    const hosts = new RemoteToolHost({ path: this.socket });
    const server = new TestServer();
    await server.launch(hosts, this.request(fields));
    this.servers.push(server);
    return server;
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
    await this.host.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A server and what it has answered. */
export class TestServer {
  readonly tooLarge: object[] = [];
  private readonly lines: string[] = [];
  private readonly waiting: ((line: string | undefined) => void)[] = [];
  private server: HostedServer | undefined;
  private isOver = false;
  sandbox: string | undefined;
  readonly ended: Promise<void>;
  private readonly onEnded: () => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.onEnded = resolve;
  }

  async launch(hosts: RemoteToolHost, request: LaunchRequest): Promise<void> {
    const { server, started } = await HostedServer.launch(hosts, request, {
      onLine: (line) => this.answer(line.toString()),
      onTooLarge: (answer) => this.tooLarge.push(answer),
      onEnd: () => {
        this.isOver = true;
        for (const each of this.waiting.splice(0)) each(undefined);
        this.onEnded();
      },
    });
    this.server = server;
    this.sandbox = started.sandbox;
  }

  /** What came of an attack; undefined when the server has ended before it answered. */
  async attack(attack: string, options: object = {}): Promise<unknown> {
    await this.send(JSON.stringify({ attack, ...options }));
    const line = await this.next();
    return line === undefined ? undefined : JSON.parse(line);
  }

  async send(line: string): Promise<void> {
    await this.server?.send(`${line}\n`);
  }

  /** The next line; undefined after the last. */
  next(): Promise<string | undefined> {
    const line = this.lines.shift();
    if (line !== undefined || this.isOver) return Promise.resolve(line);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  get ending(): string | undefined {
    return this.server?.ending;
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  private answer(line: string): void {
    const waiting = this.waiting.shift();
    if (waiting === undefined) this.lines.push(line);
    else waiting(line);
  }
}
