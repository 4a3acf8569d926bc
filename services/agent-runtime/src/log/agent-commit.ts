import type { CausedEvent } from '@skynet/domain-agents';
import type { Commit, StoredEvent } from '@skynet/platform';
import { readEvent } from '../owner/agent-stream.js';

/** An event of an agent's stream in its newest shape, and what the log says of it. */
export type AgentRecord = CausedEvent &
  Pick<StoredEvent, 'id' | 'stream' | 'revision' | 'timeMs' | 'metadata'>;

/** A commit of an agent's stream. */
export type AgentCommit = Commit<AgentRecord>;

/** @throws UnreadableStreamError when this program can't read it, and so not what is behind it in the stream */
export function readRecord(stored: StoredEvent): AgentRecord {
  const { id, stream, revision, timeMs, metadata } = stored;
  const { causationId } = metadata;
  return { ...readEvent(stored), causationId, id, stream, revision, timeMs, metadata };
}

/** @throws UnreadableStreamError as `readRecord` */
export function readCommit(commit: Commit): AgentCommit {
  return { ...commit, events: commit.events.map(readRecord) };
}
