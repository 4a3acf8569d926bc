import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hostEnvironment, type Environment } from '../host/server-environment.js';
import { connectTo } from '../protocol/host-address.js';
import type { HostConnector } from './hosted-server.js';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
const START_LIMIT_MS = 20_000;

type HostProcess = ChildProcessByStdio<Writable, Readable, null>;

/** A host that this process starts when it is first needed; it gets none of its secrets, and ends when it ends. */
export class OwnToolHost implements HostConnector {
  private running: Promise<{ readonly child: HostProcess; readonly path: string }> | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly program = PROGRAM,
  ) {}

  async connect(): Promise<Socket> {
    this.running ??= this.start().catch((error: unknown) => {
      this.running = undefined;
      throw error;
    });
    return connectTo(await this.running);
  }

  async close(): Promise<void> {
    const host = await this.running?.catch(() => undefined);
    if (host === undefined || host.child.exitCode !== null || host.child.signalCode !== null)
      return;
    const ended = once(host.child, 'exit');
    host.child.stdin.end();
    await ended;
  }

  private async start(): Promise<{ child: HostProcess; path: string }> {
    const folder = mkdtempSync(join(tmpdir(), 'skynet-tools-'));
    const path = join(folder, 'host.sock');
    const child = spawn(process.execPath, [this.program, '--until-stdin-ends'], {
      env: {
        ...hostEnvironment(this.environment),
        TOOL_HOST_LISTEN: `unix:${path}`,
        TOOL_HOST_SCRATCH: folder,
      },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'inherit'],
      // A group of its own: it must outlive whoever kills this process's, for long enough to end its servers.
      detached: true,
    });
    child.stdin.on('error', () => undefined);
    child.once('exit', () => {
      this.running = undefined;
      rmSync(folder, { recursive: true, force: true });
    });
    await listening(child);
    return { child, path };
  }
}

/** @throws Error when it ends or fails first */
async function listening(child: HostProcess): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('the host of tool servers has ended');
  });
  try {
    await Promise.race([
      once(child.stdout, 'data', { signal: AbortSignal.timeout(START_LIMIT_MS) }),
      ended,
    ]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    ended.catch(() => undefined);
    over.abort();
  }
}
