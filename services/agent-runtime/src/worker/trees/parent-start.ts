import type { AgentEventData, AgentId } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import type { Origin } from '@skynet/platform';
import type { AgentOrder } from '../../owner/agents.js';
import { beginningOf, sendBeginning, type StartDependencies } from './beginning.js';
import type { Beginning, Slot, Start } from './start.js';

/** The end of a child that its parent has not been told of, and on whose behalf it is told. */
export interface UntoldEnd {
  readonly end: AgentEventData<'ChildEnded'>;
  readonly origin: Origin;
}

/** A parked parent that goes on in the commit which records what it has waited for. */
export class ParentStart implements Start {
  constructor(
    readonly agentId: AgentId,
    private readonly ends: readonly UntoldEnd[],
    private readonly traceparent: string | undefined,
    private readonly deps: StartDependencies,
  ) {}

  async begin(slot: Slot): Promise<Beginning> {
    const parent = this.deps.agents.known(this.agentId);
    if (parent === undefined || !isSpawned(parent)) return { kind: 'missed' };
    const { traceparent } = this;
    const before = this.ends.map(orderOf);
    return beginningOf(await sendBeginning(parent, { slot, traceparent, before }, this.deps));
  }

  async enqueue(): Promise<void> {
    const { agents, log } = this.deps;
    try {
      await agents.executeTogether(this.agentId, this.ends.map(orderOf));
    } catch (error) {
      log.warn('ends of children are left to the reactor', { agentId: this.agentId, error });
    }
  }
}

function orderOf({ end, origin }: UntoldEnd): AgentOrder {
  const id = `${end.childId}:ended`;
  return { request: { id, type: 'RecordChildEnded', data: end }, origin };
}
