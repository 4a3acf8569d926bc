import type { ArchivedCommit } from '@skynet/contracts';
import type { NewEvent, StoredEvent } from '@skynet/platform';

/** A commit without its place in the log of this system. */
export function archived(
  agentId: ArchivedCommit['agentId'],
  events: readonly StoredEvent[],
): ArchivedCommit {
  const [first] = events;
  return {
    agentId,
    revision: first?.revision ?? 0,
    id: first?.metadata.commit.id ?? '',
    events: events.map(({ id, type, version, timeMs, data, metadata }) => {
      const { commit: _, ...shared } = metadata;
      return { id, type, version, timeMs, ...shared, data };
    }),
  };
}

/** What to append to have the commit again. */
export function unarchived({ id: commitId, events }: ArchivedCommit): NewEvent[] {
  const size = events.length;
  return events.map(({ id, type, version, timeMs, data, ...shared }, index) => ({
    id,
    type,
    version,
    timeMs,
    data,
    metadata: { ...shared, commit: { id: commitId, index, size } },
  }));
}
