import type { AgentRow } from '@skynet/contracts';
import {
  Checkpoint,
  CHECKPOINTS,
  type CheckpointValue,
  type EventStore,
  type StateStore,
  type StateStores,
} from '@skynet/platform';

const LOAD_PAGE = 1_000;

/** All rows of a bucket. */
export async function rowsIn(bucket: StateStore<AgentRow>): Promise<AgentRow[]> {
  const rows: AgentRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.scan('', { cursor, limit: LOAD_PAGE });
    rows.push(...page.entries.map(({ value }) => value));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return rows;
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
