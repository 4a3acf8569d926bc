import { streamNames } from '@skynet/contracts';
import type { Environment } from '../command/cli.config.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { openLog } from '../connection/operator-log.js';

/** Counts appends, by reading the log itself. */
export interface CommitCounter {
  /** Appends to agents' streams so far. */
  count(): Promise<number>;
  close(): Promise<void>;
}

export async function openCommitCounter(
  connection: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
  environment: Environment,
): Promise<CommitCounter> {
  const stores = await openLog(connection, environment);
  return {
    async count() {
      let commits = 0;
      const subscription = await stores.eventStore.subscribe(
        { prefix: streamNames.agentPrefix },
        () => {
          commits += 1;
        },
      );
      await subscription.caughtUp;
      await subscription.stop();
      return commits;
    },
    close: () => stores.close(),
  };
}
