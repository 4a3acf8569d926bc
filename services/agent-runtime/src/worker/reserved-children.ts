import type { AgentEventData } from '@skynet/contracts';
import {
  isSpawned,
  type AgentState,
  type CausedEvent,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import type { Logger, Origin } from '@skynet/platform';
import type { Agents } from '../owner/agents.js';

/** Of one agent. */
const MADE_AT_ONCE = 8;

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
    const reserved = events.flatMap((event) =>
      event.type === 'ChildReserved' ? [event.data] : [],
    );
    if (reserved.length === 0) return;
    const makeOne = (child: AgentEventData<'ChildReserved'>) =>
      this.make(parent, child, originOf(child.toolCallId));
    const made = inBatches(reserved, makeOne).finally(() => this.underWay.delete(made));
    this.underWay.add(made);
  }

  private async make(
    parent: SpawnedAgent,
    child: AgentEventData<'ChildReserved'>,
    origin: Origin,
  ): Promise<void> {
    try {
      await this.agents.spawnReserved(parent, child, origin);
    } catch (error) {
      const { childId: agentId } = child;
      this.log.warn('child is left to the reactor', { agentId, error });
    }
  }

  /** Resolves when every child is made or left to the reactor. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }
}

/** Other agents' work gets its turn between two batches. */
async function inBatches<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += MADE_AT_ONCE) {
    await Promise.all(items.slice(start, start + MADE_AT_ONCE).map(work));
  }
}
