import { newAgent, type SpawnedAgent } from '@skynet/domain-agents';
import type { Logger, Origin } from '@skynet/platform';
import { childOf, type Agents, type ReservedChild } from '../../owner/agents.js';
import { decidePatiently, type DecidingRun } from '../run/decide-patiently.js';
import { prepareRun, type PreparationTools } from '../run/prepared-run.js';
import { beginningOf } from './beginning.js';
import {
  beginRunOn,
  isLate,
  preparationMs,
  type Beginning,
  type Slot,
  type Start,
} from './start.js';

export interface StartTools extends PreparationTools, DecidingRun {
  readonly agents: Agents;
  readonly log: Logger;
}

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
    const { agents } = this.tools;
    const data = childOf(this.parent, this.reserved);
    const spawn = { id: `${data.agentId}:spawn`, type: 'SpawnAgent', data } as const;
    let beginning: Beginning = { kind: 'missed' };
    await agents.traceBirth(data, this.origin, async (origin) => {
      const { clock } = this.tools;
      const waitMs = preparationMs(slot, clock);
      const prepared = await prepareRun(newAgent(data), origin.traceparent, this.tools, waitMs);
      if (isLate(slot, clock)) return undefined;
      const sentMs = clock.nowMs();
      const begin = beginRunOn(slot, prepared);
      const execution = await decidePatiently(this.tools, data.agentId, [
        { request: spawn, origin },
        { request: begin, origin: prepared.origin },
      ]);
      beginning = beginningOf({ prepared, execution, sentMs });
      return execution;
    });
    return beginning;
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
