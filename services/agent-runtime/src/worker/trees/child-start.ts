import { newAgent, type SpawnedAgent } from '@skynet/domain-agents';
import type { Origin } from '@skynet/platform';
import { childOf, type ReservedChild } from '../../owner/agents.js';
import { beginningOf, sendBeginning, type SentBeginning, type StartTools } from './beginning.js';
import type { Beginning, Slot, Start } from './start.js';

/** A child whose limits its parent has set aside, and whose stream nobody has made. */
export class ChildStart implements Start {
  constructor(
    private readonly parent: SpawnedAgent,
    private readonly reserved: ReservedChild,
    private readonly origin: Origin,
    private readonly tools: StartTools,
  ) {}

  get agentId() {
    return this.reserved.childId;
  }

  /** Its stream begins with its run. */
  async begin(slot: Slot): Promise<Beginning> {
    const data = childOf(this.parent, this.reserved);
    const spawn = { id: `${data.agentId}:spawn`, type: 'SpawnAgent', data } as const;
    let sent: SentBeginning | undefined;
    await this.tools.agents.traceBirth(data, this.origin, async (origin) => {
      const { traceparent } = origin;
      const before = [{ request: spawn, origin }];
      sent = await sendBeginning(newAgent(data), { slot, traceparent, before }, this.tools);
      return sent?.execution;
    });
    return beginningOf(sent);
  }

  async enqueue(): Promise<void> {
    const { agents, log } = this.tools;
    try {
      await agents.spawnReserved(this.parent, this.reserved, this.origin);
    } catch (error) {
      log.warn('child is left to the reactor', { agentId: this.agentId, error });
    }
  }
}
