import {
  agentIdOfStream,
  readAgentEvent,
  readUntrustedAgentEvent,
  type AgentEvent,
  type AgentId,
  type StoredShape,
} from '@skynet/contracts';
import { isFollowed, type Schedule } from '@skynet/domain-scheduling';
import { UnreadableStreamError, type Commit } from '@skynet/platform';

/** Trusts nothing of what the schedule goes by; of the rest only its type counts here. */
export function readFollowed(stored: StoredShape & { readonly stream: string }): AgentEvent {
  const isChecked = isFollowed(stored) || agentIdOfStream(stored.stream) === undefined;
  return isChecked ? readUntrustedAgentEvent(stored) : readAgentEvent(stored);
}

/** The log is read from its start, so that what is missing is nowhere. */
export function requireNext(
  schedule: Schedule,
  agentId: AgentId,
  { stream, events }: Commit,
): void {
  const revision = events[0]?.revision ?? 0;
  if (schedule.isNext(agentId, revision)) return;
  const place = `event ${revision}`;
  const reason = 'an event before it is missing';
  throw new UnreadableStreamError({ stream, place, reason, isNewer: false });
}
