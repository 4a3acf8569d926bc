import { isSpawned, type AgentState, type CausedEvent } from '@skynet/domain-agents';
import type { Logger, Origin } from '@skynet/platform';
import type { Agents } from '../agents/agents.js';

/** Makes the streams of children that a run has reserved. Should this worker die before, a reactor makes them. */
export class ReservedChildren {
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly agents: Agents,
    private readonly log: Logger,
  ) {}

  spawn(
    parent: AgentState,
    events: readonly CausedEvent[],
    originOf: (toolCallId: string | undefined) => Origin,
  ): void {
    if (!isSpawned(parent)) return;
    for (const event of events) {
      if (event.type !== 'ChildReserved') continue;
      const { childId, toolCallId } = event.data;
      const spawned = this.agents
        .spawnReserved(parent, event.data, originOf(toolCallId))
        .catch((error: unknown) => {
          this.log.warn('child is left to the reactor', { agentId: childId, error });
        })
        .finally(() => this.underWay.delete(spawned));
      this.underWay.add(spawned);
    }
  }

  /** Resolves when every child is made or left to the reactor. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }
}
