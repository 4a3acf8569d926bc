import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';

export const name = 'BullMQ';

/** Redis with a log that is synced each second, one worker, and this process as the client. */
export async function start({ folder, redisServer, freePort, run, untilReady }) {
  const port = await freePort();
  const options = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  run('redis', redisServer, [...options, '--appendonly', 'yes', '--appendfsync', 'everysec']);
  const connection = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
  connection.on('error', () => undefined);
  const queue = new Queue('agents', { connection });
  queue.on('error', () => undefined);
  queue.setMaxListeners(0);
  await untilReady(() => queue.waitUntilReady());
  run('worker', process.execPath, [fileURLToPath(new URL('worker.mjs', import.meta.url)), port]);
  const events = new QueueEvents('agents', { connection });
  events.setMaxListeners(0);
  events.on('error', () => undefined);
  await events.waitUntilReady();
  return {
    version: `BullMQ ${await installed('bullmq')}, Redis ${await redisVersion(connection)}`,
    durability: 'Redis with AOF, synced each second: a loss of power loses up to 1 s',
    async submit(tree) {
      const job = await queue.add('agent', tree);
      return { ended: () => job.waitUntilFinished(events) };
    },
    async close() {
      await events.close();
      await queue.close();
      connection.disconnect();
    },
  };
}

async function installed(packageName) {
  const file = new URL(`node_modules/${packageName}/package.json`, import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')).version;
}

async function redisVersion(connection) {
  return /redis_version:(\S+)/.exec(await connection.info('server'))?.[1] ?? 'unknown';
}
