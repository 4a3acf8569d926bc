import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { natsServerBinary } from '../servers/nats-server.config.js';
import { end, endWithThisProcess } from '../servers/server-process.js';
import { eventually } from '../suites/eventually.js';
import type { StackReady } from './start-stack.js';

/**
 * Starts the nats-server of a stack again, on the same port and store, after it was killed. For a stack that was started
 * with `--no-restart`.
 *
 * @returns what ends it and deletes its folder; call it after the stack was stopped
 */
export async function startNatsAgain({ dataDir, nats }: StackReady): Promise<() => Promise<void>> {
  const args = ['-c', join(dataDir, 'nats-server.conf')];
  const child = spawn(natsServerBinary(), args, { stdio: 'ignore' });
  endWithThisProcess(child, dataDir);
  await eventually(() => accepts(new URL(nats)), 10_000);
  return async () => {
    await end(child, 'SIGKILL');
    // The stack deletes its folder when it stops, but not what this server has written after that.
    rmSync(dataDir, { recursive: true, force: true });
  };
}

function accepts({ hostname, port }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('error', reject).once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
