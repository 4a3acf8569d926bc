import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Trouble } from '../ending/trouble.js';
import { REPOSITORY } from '../stack/repository.js';

const servedSchema = z.object({
  /** Events in the log. */
  recorded: z.int(),
  /** Events written to subscriptions, each counted. */
  delivered: z.int(),
});
export type Served = z.infer<typeof servedSchema>;

/** A process that speaks as EventStoreDB does, with all in memory, and counts what it serves. */
export interface StoreDouble {
  readonly url: string;
  served(): Promise<Served>;
  stop(): Promise<void>;
}

const PROGRAM = join(REPOSITORY, 'libs/testing/dist/eventstoredb/main.js');

/** @throws Trouble where the tests of the project are not built */
export async function startStoreDouble(): Promise<StoreDouble> {
  if (!existsSync(PROGRAM)) {
    throw new Trouble('The double of EventStoreDB is not built.', { next: 'Run "npm run build".' });
  }
  const child = fork(PROGRAM, ['--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // Ctrl-C reaches this program alone, so that the services end before their log.
    detached: true,
  });
  const ended = once(child, 'exit');
  const broken = ended.then(() => {
    throw new Trouble('The double of EventStoreDB has ended.');
  });
  broken.catch(() => undefined);
  const first = child.stdout === null ? broken : once(child.stdout, 'data');
  const [line] = (await Promise.race([first, broken])) as [Buffer];
  return {
    url: line.toString().trim(),
    async served() {
      const answer = once(child, 'message');
      child.send('served');
      const [counts] = (await Promise.race([answer, broken])) as [unknown];
      return servedSchema.parse(counts);
    },
    async stop() {
      child.kill();
      await ended.catch(() => undefined);
    },
  };
}
