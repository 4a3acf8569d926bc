import type { LogStatsReport } from '@skynet/platform/operations';
import type { Environment } from '../command/cli.config.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { openLog } from '../connection/operator-log.js';

/** Reads the log of a running stack from its beginning and adds it up. */
export async function readLogStats(
  connection: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
  environment: Environment,
  largest: number,
): Promise<LogStatsReport> {
  const { sha256Hex } = await import('@skynet/platform');
  const { LogStats } = await import('@skynet/platform/operations');
  const stores = await openLog(connection, environment);
  try {
    const stats = new LogStats(sha256Hex);
    const subscription = await stores.eventStore.subscribe({}, (commit) => stats.add(commit));
    await subscription.caughtUp;
    await subscription.stop();
    return stats.report(largest);
  } finally {
    await stores.close();
  }
}
