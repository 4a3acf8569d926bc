import type { SpawnedAgent } from '@skynet/domain-agents';
import type { Origin } from '@skynet/platform';
import { childOf, type ReservedChild } from '../../owner/agents.js';
import { beginningOf, sendBirth, type StartDependencies } from './beginning.js';
import type { Beginning, Slot, Start } from './start.js';

/** A child whose limits its parent has set aside, and whose stream nobody has made. */
export class ChildStart implements Start {
  constructor(
    private readonly parent: SpawnedAgent,
    private readonly reserved: ReservedChild,
    private readonly origin: Origin,
    private readonly deps: StartDependencies,
  ) {}

  get agentId() {
    return this.reserved.childId;
  }

  /** Its stream begins with its run. */
  async begin(slot: Slot): Promise<Beginning> {
    const data = childOf(this.parent, this.reserved);
    const child = { data, origin: this.origin, id: `${data.agentId}:spawn` };
    return beginningOf(await sendBirth(child, { slot }, this.deps));
  }

  async enqueue(): Promise<void> {
    const { agents, log } = this.deps;
    try {
      await agents.spawnReserved(this.parent, this.reserved, this.origin);
    } catch (error) {
      log.warn('child is left to the reactor', { agentId: this.agentId, error });
    }
  }
}
