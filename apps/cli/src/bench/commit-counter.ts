import { readFile } from 'node:fs/promises';
import { streamNames, streams } from '@skynet/contracts';
import type { StoredConnection } from '../client/connection-file.js';

/** Counts appends, by reading the log itself. */
export interface CommitCounter {
  /** Appends to agents' streams so far. */
  count(): Promise<number>;
  close(): Promise<void>;
}

export async function openCommitCounter({
  nats: url,
  natsKeyFile,
}: Pick<StoredConnection, 'nats' | 'natsKeyFile'>): Promise<CommitCounter> {
  // Takes half a second to load, which no other command shall pay.
  const platform = await import('@skynet/platform');
  const log = platform.silentLogger;
  const nkeySeed = new platform.Secret(await readFile(natsKeyFile, 'utf8'));
  const link = await platform.connectNats({ url, nkeySeed, name: 'operator', log });
  const publisher = new platform.LeanPublisher(link);
  const store = await platform.JetStreamEventStore.open(link, publisher, {
    logStream: streams.log,
    prefix: 'log',
    log,
  });
  return {
    async count() {
      let commits = 0;
      const subscription = await store.subscribe({ prefix: streamNames.agentPrefix }, () => {
        commits += 1;
      });
      await subscription.caughtUp;
      await subscription.stop();
      return commits;
    },
    async close() {
      await store.close();
      publisher.close();
      await link.close();
    },
  };
}
