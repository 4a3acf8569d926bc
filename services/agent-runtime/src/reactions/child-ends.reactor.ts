import {
  agentIdOfStream,
  isEnd,
  streamNames,
  endsAgent,
  type AgentId,
  type AgentRow,
} from '@skynet/contracts';
import {
  agentRowProjection,
  allOf,
  childEndOf,
  isFailedByDamage,
  isLive,
  isSpawned,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { faultOf, WorldError } from '@skynet/platform';
import type { AgentCommit } from '../log/agent-commit.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { originOf, type Agents } from '../owner/agents.js';
import type { ReactedCommit, Reactor } from './reactions.js';
import { unlessUnreadable } from '../owner/unless-unreadable.js';

/** Tells a parent that a child has ended: what it spent, and its result or failure. */
export class ChildEndsReactor implements Reactor {
  readonly name = 'child-ends';

  constructor(
    private readonly agents: Agents,
    private readonly index: Pick<AgentIndex, 'get'>,
  ) {}

  react(commit: ReactedCommit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined || !commit.events.some(endsAgent)) return undefined;
    return this.tell(agentId, commit);
  }

  /**
   * Tells it of a child whose end is among these events; does nothing when the parent knows. What the child is comes from
   * the log: a row may be missing, and the parent would wait for ever. Only where the log can't be read it is the row.
   */
  async tell(childId: AgentId, end: Pick<AgentCommit, 'events' | 'revision'>): Promise<void> {
    try {
      await this.tellByLog(childId, end);
    } catch (error) {
      const row = this.index.get(childId);
      if (faultOf(error)?.stream !== streamNames.agent(childId)) throw error;
      if (row !== undefined) await this.tellByRow(row);
    }
  }

  reactToFault(row: AgentRow): Promise<void> | undefined {
    return isFailedByDamage(row) ? this.tellByRow(row) : undefined;
  }

  /** What ended below the agent while it took no events. */
  reactToReturn({ childIds }: AgentRow): Promise<void> | undefined {
    const rows = childIds.flatMap((childId) => this.index.get(childId) ?? []);
    const ended = rows.filter(({ status }) => isEnd(status));
    if (ended.length === 0) return undefined;
    return Promise.all(ended.map((row) => this.tellLater(row))).then(() => undefined);
  }

  private async tellLater(row: AgentRow): Promise<void> {
    const child = await unlessUnreadable(this.agents.load(row.agentId));
    if (child === undefined) return this.tellByRow(row);
    if (!isSpawned(child) || isLive(child)) return;
    await this.tellParent(child, row);
  }

  private async tellParent(
    child: SpawnedAgent,
    { output, partial, failure }: Partial<AgentRow>,
  ): Promise<void> {
    const { parentId, agentId: childId } = child.spawned;
    if (parentId === undefined) return;
    const data = childEndOf(child, { output: output ?? partial, failure });
    const request = { id: `${childId}:ended`, type: 'RecordChildEnded', data } as const;
    await this.agents.execute(parentId, request, originOf(child));
  }

  /** Nobody knows what such an agent spent: all that was set aside for it counts. */
  private async tellByRow(row: AgentRow): Promise<void> {
    const { agentId: childId, parentId, status, limits, output, partial, failure } = row;
    const { tenant, principal } = row;
    if (parentId === undefined || !isEnd(status)) return;
    const spent = allOf(limits);
    const data = { childId, status, spent, output: output ?? partial, failure };
    const request = { id: `${childId}:ended`, type: 'RecordChildEnded', data } as const;
    await this.agents.execute(parentId, request, { tenant, principal });
  }

  private async tellByLog(
    childId: AgentId,
    end: Pick<AgentCommit, 'events' | 'revision'>,
  ): Promise<void> {
    const child = await this.agents.load(childId, end.revision);
    if (!isSpawned(child) || isLive(child)) {
      throw new WorldError(`agent ${childId} was read without its end`, 'later');
    }
    await this.tellParent(child, endOf(child, end.events) ?? {});
  }
}

/** The row that begins with the child and goes straight to its end: it shows the outcome as readers are told it. */
function endOf({ spawned }: SpawnedAgent, events: AgentCommit['events']): AgentRow | undefined {
  const begun = agentRowProjection.evolve(undefined, {
    type: 'AgentSpawned',
    data: spawned,
    revision: 0,
    timeMs: 0,
  });
  return events.reduce((row, event) => agentRowProjection.evolve(row, event), begun);
}
