import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { serverConfig } from './server-config.mjs';

export const name = 'Temporal';

const NAMESPACE = 'default';
const DAY_SECONDS = 86_400;

/** One server with its SQLite store as its developers ship it, one worker, and this process as the client. */
export async function start({ folder, temporalServer, freePort, run, untilReady }) {
  const config = await serverConfig(folder, freePort);
  const file = join(folder, 'temporal.yaml');
  await writeFile(file, JSON.stringify(config));
  run('temporal', temporalServer, ['--config-file', file, '--allow-no-auth', 'start']);
  const address = `127.0.0.1:${config.services.frontend.rpc.grpcPort}`;
  const connection = await untilReady(() => Connection.connect({ address }));
  await untilReady(() => register(connection));
  const client = new Client({ connection, namespace: NAMESPACE });
  await untilReady(() => client.workflow.count());
  const program = fileURLToPath(new URL('worker.mjs', import.meta.url));
  run('worker', process.execPath, [program, address, NAMESPACE]);
  return {
    version: `Temporal ${await serverVersion(connection)}, SDK ${await installed('client')}`,
    durability: 'SQLite, synced to disk before it answers',
    async submit(tree) {
      const workflow = await client.workflow.start('agent', {
        args: [tree],
        taskQueue: 'agents',
        workflowId: randomUUID(),
      });
      return { ended: () => workflow.result() };
    },
    close: () => connection.close(),
  };
}

async function register({ workflowService }) {
  try {
    await workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: { seconds: DAY_SECONDS },
    });
  } catch (error) {
    if (!/already exists/i.test(error.message)) throw error;
  }
}

async function serverVersion({ workflowService }) {
  return (await workflowService.getSystemInfo({})).serverVersion;
}

async function installed(packageName) {
  const file = new URL(`node_modules/@temporalio/${packageName}/package.json`, import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')).version;
}
