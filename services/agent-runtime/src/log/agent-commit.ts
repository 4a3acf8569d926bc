import type { AgentEvent } from '@skynet/contracts';
import type { CausedEvent } from '@skynet/domain-agents';
import type { Commit, StoredEvent } from '@skynet/platform';
import { readEvent, readOwnEvent } from '../owner/agent-stream.js';

/** An event of an agent's stream in its newest shape, and what the log says of it. */
export type AgentRecord = CausedEvent &
  Pick<StoredEvent, 'id' | 'stream' | 'revision' | 'timeMs' | 'metadata'>;

/** A commit of an agent's stream. */
export type AgentCommit = Commit<AgentRecord>;

/** @throws UnreadableStreamError when this program can't read it, and so not what is behind it in the stream */
export function readRecord(stored: StoredEvent): AgentRecord {
  return recordOf(stored, readEvent(stored));
}

/** @throws UnreadableStreamError as `readRecord` */
export function readCommit(commit: Commit): AgentCommit {
  // What this process has written it need not check.
  const read = commit.isOwn === true ? readOwnEvent : readEvent;
  return { ...commit, events: commit.events.map((stored) => recordOf(stored, read(stored))) };
}

function recordOf(stored: StoredEvent, event: AgentEvent): AgentRecord {
  const { id, stream, revision, timeMs, metadata } = stored;
  const { causationId } = metadata;
  return { ...event, causationId, id, stream, revision, timeMs, metadata };
}
