import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { runNatsServer } from './nats-server-process.js';
import { end, pause } from './server-process.js';

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
  /** Stops the process (SIGSTOP): it hangs, with its connections open. Resolves when it does. */
  pause(): Promise<void>;
  resume(): void;
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
    // One that the server chose itself may be lost to an outgoing connection between kill and restart.
    const port = await freePort();
    let running = await runNatsServer({ ...options, folder, port });
    const kill = () => end(running.child, 'SIGKILL');
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      folder,
      get pid() {
        return running.pid;
      },
      kill,
      pause: () => pause(running.pid),
      resume: () => void running.child.kill('SIGCONT'),
      async stop() {
        await end(running.child, 'SIGTERM');
        removeFolder();
      },
      async restart() {
        await kill();
        running = await runNatsServer({ ...options, folder, port });
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}
