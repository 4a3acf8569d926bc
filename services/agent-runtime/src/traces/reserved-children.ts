import type { AgentEventData, AgentId } from '@skynet/contracts';
import type { ShowText } from '@skynet/platform';
import type { AgentRecord } from '../log/agent-commit.js';
import { agentNameOf } from '../telemetry/agent-attributes.js';
import { inTraceOf, toolSpanId } from '../telemetry/agent-spans.js';
import { isTraced, type Birth } from './agent-life.js';

/** A child whose limits its parent has set aside, and which may never begin. */
export interface ReservedChild {
  readonly agentId: AgentId;
  readonly birth: Birth;
  readonly reserved: AgentEventData<'ChildReserved'>;
}

/** Each is followed by a stream of the child, soon. */
const MOST = 2_000;

/** Children of sampled traces that were reserved and have not begun: the stream of one that never does says nothing of it. */
export class ReservedChildren {
  private readonly open = new Map<AgentId, ReservedChild>();

  see(agentId: AgentId, record: AgentRecord, show: ShowText | undefined): void {
    if (record.type === 'AgentSpawned') this.open.delete(agentId);
    if (record.type !== 'ChildReserved') return;
    const { traceparent } = record.metadata;
    if (!isTraced(traceparent)) return;
    const { data: reserved, timeMs: bornMs } = record;
    const above = spawnCallOf(agentId, reserved, traceparent);
    const birth = { above, parentId: agentId, name: agentNameOf(reserved, show), bornMs };
    this.open.set(reserved.childId, { agentId: reserved.childId, birth, reserved });
    const [oldest] = this.open.keys();
    if (this.open.size > MOST && oldest !== undefined) this.open.delete(oldest);
  }

  /** Undefined also for one whose reservation was not seen here. */
  get(agentId: AgentId): ReservedChild | undefined {
    return this.open.get(agentId);
  }

  delete(agentId: AgentId): void {
    this.open.delete(agentId);
  }
}

/** The parent's call that asked for the child, else what a client's call stands in. */
function spawnCallOf(
  parentId: AgentId,
  { toolCallId }: AgentEventData<'ChildReserved'>,
  traceparent: string,
): string {
  if (toolCallId === undefined) return traceparent;
  return inTraceOf(traceparent, toolSpanId(parentId, toolCallId, 1)) ?? traceparent;
}
