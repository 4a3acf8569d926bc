import { streamNames, streams } from '@skynet/contracts';
import type { StoredConnection } from '../client/connection-file.js';
import { connectOperator } from '../client/operator-link.js';

/** Counts appends, by reading the log itself. */
export interface CommitCounter {
  /** Appends to agents' streams so far. */
  count(): Promise<number>;
  close(): Promise<void>;
}

export async function openCommitCounter(
  connection: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
): Promise<CommitCounter> {
  const operator = await connectOperator(connection);
  const platform = await import('@skynet/platform');
  const store = await platform.JetStreamEventStore.open(operator.link, operator.publisher, {
    logStream: streams.log,
    prefix: 'log',
    log: platform.silentLogger,
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
      await operator.close();
    },
  };
}
