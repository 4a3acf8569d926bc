import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { natsServerBinary } from './nats-server.config.js';
import { end, endWithThisProcess } from './server-process.js';

/** A real nats-server with JetStream on files, bound to 127.0.0.1, alone with its temporary folder. */
export interface NatsServer {
  /** `nats://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  /** Free when the server first started; kept by `restart`. */
  readonly port: number;
  /** Of the process that runs, or ran last. */
  readonly pid: number;
  /** Holds configuration and store until `stop`. */
  readonly folder: string;
  /** Ends the process and deletes its store. Safe to repeat. */
  stop(): Promise<void>;
  /** Ends the process as a crash does (SIGKILL) and keeps the store. Safe to repeat. */
  kill(): Promise<void>;
  /** Kills the process if it runs, then starts it on the same port and store; resolves when it accepts clients. */
  restart(): Promise<void>;
}

/** What a test may choose. */
export interface NatsServerOptions {
  /** Lines of nats-server configuration that follow `listen` and `jetstream`. Default: none. */
  readonly configuration?: string;
  /** Room for all streams together, bytes; what is over it is refused as on a full disk. Default: the disk's. */
  readonly maxStoreBytes?: number;
}

/**
 * Starts a nats-server on a free port and resolves when it accepts clients.
 *
 * @throws Error with the server's last lines when it ends before that, or when no nats-server is found.
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'skynet-nats-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    let running = await run(folder, -1, options);
    const { port } = running;
    const kill = () => end(running.child, 'SIGKILL');
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      folder,
      get pid() {
        return running.pid;
      },
      kill,
      async stop() {
        await end(running.child, 'SIGTERM');
        removeFolder();
      },
      async restart() {
        await kill();
        running = await run(folder, port, options);
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

interface RunningServer {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

async function run(
  folder: string,
  port: number,
  { configuration = '', maxStoreBytes }: NatsServerOptions,
): Promise<RunningServer> {
  const file = join(folder, 'nats-server.conf');
  const store = JSON.stringify(join(folder, 'store'));
  const limit = maxStoreBytes === undefined ? '' : `, max_file_store: ${maxStoreBytes}`;
  await writeFile(
    file,
    `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${store}${limit} }\n${configuration}\n`,
  );
  const child = spawn(natsServerBinary(), ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  endWithThisProcess(child, folder);
  return { child, pid: child.pid ?? 0, port: await listeningPort(child) };
}

/** Reads the log to the end, so that the pipe never fills; the log is the first place to name the port. */
function listeningPort(child: ChildProcess & { stderr: NodeJS.ReadableStream }): Promise<number> {
  const lines: string[] = [];
  let port = 0;
  return new Promise((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      port = Number(/Listening for client connections on .*:(\d+)$/.exec(line)?.[1] ?? port);
      if (line.endsWith('Server is ready')) resolve(port);
      lines.push(line);
      lines.splice(0, lines.length - 10);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      reject(new Error(`nats-server ended with ${code}:\n${lines.join('\n')}`));
    });
  });
}
