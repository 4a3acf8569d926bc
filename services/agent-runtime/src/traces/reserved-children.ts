import type { AgentEventData, AgentId } from '@skynet/contracts';
import type { ShowText, TraceContext } from '@skynet/platform';
import type { AgentRecord } from '../log/agent-commit.js';
import { agentNameOf } from '../telemetry/agent-attributes.js';
import { toolSpanId } from '../telemetry/agent-spans.js';
import { tracedBy, type Birth } from './agent-life.js';

/** A child whose limits its parent has set aside, and which may never begin. */
export interface ReservedChild {
  readonly agentId: AgentId;
  readonly birth: Birth;
  readonly reserved: AgentEventData<'ChildReserved'>;
}

interface Reservation {
  readonly parentId: AgentId;
  readonly place: TraceContext;
  readonly record: AgentRecord & { readonly type: 'ChildReserved' };
}

/** Each is followed by a stream of the child, soon. */
const MOST = 2_000;

/** Children of sampled traces that were reserved and have not begun: the stream of one that never does says nothing of it. */
export class ReservedChildren {
  private readonly open = new Map<AgentId, Reservation>();

  see(agentId: AgentId, record: AgentRecord): void {
    if (record.type === 'AgentSpawned') this.open.delete(agentId);
    if (record.type !== 'ChildReserved') return;
    const place = tracedBy(record);
    if (place === undefined) return;
    this.open.set(record.data.childId, { parentId: agentId, place, record });
    const [oldest] = this.open.keys();
    if (this.open.size > MOST && oldest !== undefined) this.open.delete(oldest);
  }

  /** Undefined also for one whose reservation was not seen here. */
  get(agentId: AgentId, show: ShowText | undefined): ReservedChild | undefined {
    const reservation = this.open.get(agentId);
    if (reservation === undefined) return undefined;
    const { parentId, place, record } = reservation;
    const { data: reserved, timeMs: bornMs } = record;
    const above = spawnCallOf(parentId, reserved, place);
    const birth = { above, parentId, name: agentNameOf(reserved, show), bornMs };
    return { agentId, birth, reserved };
  }

  delete(agentId: AgentId): void {
    this.open.delete(agentId);
  }
}

/** The parent's call that asked for the child, else what a client's call stands in. */
function spawnCallOf(
  parentId: AgentId,
  { toolCallId }: AgentEventData<'ChildReserved'>,
  place: TraceContext,
): TraceContext {
  if (toolCallId === undefined) return place;
  return { ...place, spanId: toolSpanId(parentId, toolCallId, 1) };
}
