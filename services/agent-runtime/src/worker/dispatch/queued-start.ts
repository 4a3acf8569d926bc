import type { AgentCommandData, AgentId } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import { decidePatiently } from '../run/decide-patiently.js';
import { prepareRun } from '../run/prepared-run.js';
import { beginningOf } from '../trees/beginning.js';
import type { StartTools } from '../trees/child-start.js';
import {
  beginRunOn,
  isLate,
  preparationMs,
  type Beginning,
  type Slot,
  type Start,
} from '../trees/start.js';

/** A turn that the scheduler has given to a queued agent. */
export type AdmittedTurn = AgentCommandData<'AdmitAgents'>['agents'][number];

/** An agent from the scheduler's queue that takes its slot and starts on it in one commit. */
export class QueuedStart implements Start {
  constructor(
    private readonly turn: AdmittedTurn,
    private readonly tools: StartTools,
    private readonly toQueue: () => Promise<void>,
  ) {}

  get agentId(): AgentId {
    return this.turn.agentId;
  }

  async begin(slot: Slot): Promise<Beginning> {
    const { agentId, queuedRevision, traceparent } = this.turn;
    const { agents, clock } = this.tools;
    const agent = await agents.load(agentId, queuedRevision);
    if (!isSpawned(agent)) return { kind: 'missed' };
    const waitMs = preparationMs(slot, clock);
    const prepared = await prepareRun(agent, traceparent, this.tools, waitMs);
    if (isLate(slot, clock)) return { kind: 'missed' };
    const sentMs = clock.nowMs();
    const request = beginRunOn(slot, prepared, queuedRevision);
    const execution = await decidePatiently(this.tools, agentId, [
      { request, origin: prepared.origin },
    ]);
    return beginningOf({ prepared, execution, sentMs });
  }

  async enqueue(): Promise<void> {
    const { agentId } = this.turn;
    try {
      await this.toQueue();
    } catch (error) {
      this.tools.log.warn('admission is left to the scheduler', { agentId, error });
    }
  }
}
