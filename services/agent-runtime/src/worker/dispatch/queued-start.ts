import type { AgentCommandData, AgentId } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import { beginningOf, sendBeginning, type StartDependencies } from '../trees/beginning.js';
import type { Beginning, Slot, Start } from '../trees/start.js';

/** A turn that the scheduler has given to a queued agent. */
export type AdmittedTurn = AgentCommandData<'AdmitAgents'>['agents'][number];

/** An agent from the scheduler's queue that takes its slot and starts on it in one commit. */
export class QueuedStart implements Start {
  constructor(
    private readonly turn: AdmittedTurn,
    private readonly deps: StartDependencies,
    private readonly toQueue: () => Promise<void>,
  ) {}

  get agentId(): AgentId {
    return this.turn.agentId;
  }

  async begin(slot: Slot): Promise<Beginning> {
    const { agentId, queuedRevision, traceparent } = this.turn;
    const agent = await this.deps.agents.load(agentId, queuedRevision);
    if (!isSpawned(agent)) return { kind: 'missed' };
    const order = { slot, traceparent, queuedRevision };
    return beginningOf(await sendBeginning(agent, order, this.deps));
  }

  async enqueue(): Promise<void> {
    const { agentId } = this.turn;
    try {
      await this.toQueue();
    } catch (error) {
      this.deps.log.warn('admission is left to the scheduler', { agentId, error });
    }
  }
}
