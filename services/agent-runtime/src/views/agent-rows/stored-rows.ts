import type { AgentRow } from '@skynet/contracts';
import {
  Checkpoint,
  CHECKPOINTS,
  type CheckpointValue,
  type EventStore,
  type StateStore,
  type StateStores,
} from '@skynet/platform';

/** All rows of a bucket, each once. */
export async function rowsIn(bucket: StateStore<AgentRow>): Promise<AgentRow[]> {
  const rows = new Map<string, AgentRow>();
  for await (const { key, value } of bucket.entries('')) rows.set(key, value);
  return [...rows.values()];
}

/** Rows of a bucket one after the other; one that is written meanwhile may come twice. */
export async function* rowsOf(bucket: StateStore<AgentRow>): AsyncGenerator<AgentRow> {
  for await (const { value } of bucket.entries('')) yield value;
}

/** How far the log has been brought into the rows of a bucket. */
export async function rowsCheckpoint(
  states: StateStores,
  bucket: string,
  store: Pick<EventStore, 'kind'>,
): Promise<Checkpoint> {
  const checkpoints = await states.open<CheckpointValue>(CHECKPOINTS);
  return new Checkpoint(checkpoints, `agent-rows.${bucket}`, store);
}
