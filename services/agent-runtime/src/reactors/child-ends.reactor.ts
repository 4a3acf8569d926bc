import { agentIdOfStream, readAgentEvent, type AgentId, type AgentRow } from '@skynet/contracts';
import {
  agentRowProjection,
  childEndOf,
  isLive,
  isSpawned,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { WorldError, type Commit } from '@skynet/platform';
import { originOf, type Agents } from '../agents/agents.js';
import { endsAgent } from './terminal-events.js';
import type { Reactor } from './reactions.js';

/** Tells a parent that a child has ended: what it spent, and its result or failure. */
export class ChildEndsReactor implements Reactor {
  readonly name = 'child-ends';

  constructor(private readonly agents: Agents) {}

  react(commit: Commit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined || !commit.events.some(endsAgent)) return undefined;
    return this.tell(agentId, commit);
  }

  /**
   * Tells it of a child whose end is among these events; does nothing when the parent knows. What the child is comes from
   * the log: a row may be missing, and the parent would wait for ever.
   */
  async tell(childId: AgentId, end: Pick<Commit, 'events' | 'revision'>): Promise<void> {
    const child = await this.agents.load(childId, end.revision);
    if (!isSpawned(child) || isLive(child)) {
      throw new WorldError(`agent ${childId} was read without its end`, 'later');
    }
    const { parentId } = child.spawned;
    if (parentId === undefined) return;
    const { output, partial, failure } = endOf(child, end.events) ?? {};
    await this.agents.execute(
      parentId,
      {
        id: `${childId}:ended`,
        type: 'RecordChildEnded',
        data: childEndOf(child, { output: output ?? partial, failure }),
      },
      originOf(child),
    );
  }
}

/** The row that begins with the child and goes straight to its end: it shows the outcome as readers are told it. */
function endOf({ spawned }: SpawnedAgent, events: Commit['events']): AgentRow | undefined {
  const begun = agentRowProjection.evolve(undefined, {
    type: 'AgentSpawned',
    data: spawned,
    revision: 0,
    timeMs: 0,
  });
  return events.reduce((row, stored) => {
    const { revision, timeMs } = stored;
    return agentRowProjection.evolve(row, { ...readAgentEvent(stored), revision, timeMs });
  }, begun);
}
