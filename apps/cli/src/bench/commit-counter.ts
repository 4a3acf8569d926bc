import { streamNames, streams } from '@skynet/contracts';

/** Counts appends, by reading the log itself. */
export interface CommitCounter {
  /** Appends to agents' streams so far. */
  count(): Promise<number>;
  close(): Promise<void>;
}

export async function openCommitCounter(natsUrl: string): Promise<CommitCounter> {
  // Takes half a second to load, which no other command shall pay.
  const platform = await import('@skynet/platform');
  const log = platform.silentLogger;
  const link = await platform.connectNats({ url: natsUrl, name: 'bench', log });
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
