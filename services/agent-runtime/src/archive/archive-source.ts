import { streamNames, type ArchivedCommit } from '@skynet/contracts';
import { MemoryEventStore, MemoryPayloadStore } from '@skynet/platform';
import { unarchived } from '../past/archived-commit.js';

/** Log and payloads of one tree in the memory of this process: what is asked of them reaches no other. */
export async function archiveSource(given: {
  readonly tenant: string;
  readonly commits: readonly ArchivedCommit[];
  readonly payloads: Iterable<string | Buffer>;
}): Promise<{ readonly store: MemoryEventStore; readonly payloads: MemoryPayloadStore }> {
  const payloads = new MemoryPayloadStore();
  for (const content of given.payloads) await payloads.put(given.tenant, content);
  const store = new MemoryEventStore();
  for (const commit of given.commits) {
    const expected = commit.revision === 0 ? 'no-stream' : commit.revision - 1;
    await store.append(streamNames.agent(commit.agentId), unarchived(commit), expected);
  }
  return { store, payloads };
}
