import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { natsServerBinary } from './nats-server.config.js';
import { endWithThisProcess } from './server-process.js';

export interface RunningNatsServer {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

/** How one process is configured. */
export interface NatsProcessOptions {
  /** Holds configuration and store. */
  readonly folder: string;
  readonly port: number;
  /** Lines of configuration that follow `listen` and `jetstream`. */
  readonly configuration?: string;
  readonly maxStoreBytes?: number;
}

/** Starts a process and resolves when it takes clients. */
export async function runNatsServer(options: NatsProcessOptions): Promise<RunningNatsServer> {
  const { folder, port, configuration = '', maxStoreBytes } = options;
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
