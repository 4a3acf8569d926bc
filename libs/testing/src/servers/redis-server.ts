import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { redisServerBinary } from './redis-server.config.js';
import { freePort } from './free-port.js';
import { end, endWithThisProcess } from './server-process.js';

/** A real redis-server that keeps an append-only file, bound to 127.0.0.1, alone with its temporary folder. */
export interface RedisServer {
  /** `redis://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  readonly port: number;
  /** Ends the process and deletes its files. Safe to repeat. */
  stop(): Promise<void>;
  /** Ends the process as a crash does (SIGKILL) and keeps its files. Safe to repeat. */
  kill(): Promise<void>;
  /** Kills the process if it runs, then starts it on the same port and files; resolves when it accepts clients. */
  restart(): Promise<void>;
}

/** Whether this machine has a redis-server; tests that need one are skipped where it has none. */
export function hasRedisServer(): boolean {
  return redisServerBinary() !== undefined;
}

/**
 * Starts a redis-server on a free port and resolves when it accepts clients.
 *
 * @throws Error with the server's last lines when it ends before that, or when no redis-server is found.
 */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'skynet-redis-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    // redis-server takes port 0 for none at all.
    const port = await freePort();
    let child = await run(folder, port);
    const kill = () => end(child, 'SIGKILL');
    return {
      url: `redis://127.0.0.1:${port}`,
      port,
      kill,
      async stop() {
        await end(child, 'SIGTERM');
        removeFolder();
      },
      async restart() {
        await kill();
        child = await run(folder, port);
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

async function run(folder: string, port: number): Promise<ChildProcess> {
  const binary = redisServerBinary();
  if (binary === undefined) {
    throw new Error(
      'no redis-server found; `npm run test:quick` fetches one, or set SKYNET_REDIS_SERVER',
    );
  }
  const settings = { port, bind: '127.0.0.1', dir: folder, appendonly: 'yes', save: '' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithThisProcess(child, folder);
  await accepting(child);
  return child;
}

/** Reads the log to the end, so that the pipe never fills. */
function accepting(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<void> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
      lines.push(line);
      lines.splice(0, lines.length - 10);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      reject(new Error(`redis-server ended with ${code}:\n${lines.join('\n')}`));
    });
  });
}
