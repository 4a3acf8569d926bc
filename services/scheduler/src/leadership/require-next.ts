import type { AgentId } from '@skynet/contracts';
import type { Schedule } from '@skynet/domain-scheduling';
import { UnreadableStreamError, type Commit } from '@skynet/platform';

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
