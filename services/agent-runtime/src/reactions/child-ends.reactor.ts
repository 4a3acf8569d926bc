import {
  agentIdOfStream,
  isEnd,
  streamNames,
  dataOfAgentEvent,
  endsAgent,
  endsOwnRun,
  type AgentEventData,
  type AgentId,
  type AgentRow,
} from '@skynet/contracts';
import {
  allOf,
  childEndAfter,
  childEndOf,
  isFailedByDamage,
  isLive,
  isSpawned,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { faultOf, WorldError, type Clock } from '@skynet/platform';
import type { AgentCommit } from '../log/agent-commit.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { originOf, type Agents } from '../owner/agents.js';
import { Grace } from './grace.js';
import type { ReactedCommit, Reactor } from './reactions.js';
import { unlessUnreadable } from '../owner/unless-unreadable.js';

/** Tells a parent that a child has ended: what it spent, and its result or failure. */
export class ChildEndsReactor implements Reactor {
  readonly name = 'child-ends';
  private readonly grace: Grace;

  constructor(
    private readonly agents: Agents,
    private readonly index: Pick<AgentIndex, 'get'>,
    clock: Clock,
  ) {
    this.grace = new Grace(clock);
  }

  hurry(): void {
    this.grace.end();
  }

  react(commit: ReactedCommit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    for (const event of commit.events) {
      const told = dataOfAgentEvent(event, 'ChildEnded');
      if (told !== undefined) this.grace.see(told.childId);
    }
    const end = commit.events.find(endsAgent);
    if (end === undefined || this.isRoot(agentId)) return undefined;
    // The worker of a run tells the parent itself, if it lives.
    const isOwnEnd = endsOwnRun(end) && end.metadata.epoch > 0;
    return isOwnEnd ? this.tellUnlessTold(agentId, commit) : this.tell(agentId, commit);
  }

  private isRoot(agentId: AgentId): boolean {
    const row = this.index.get(agentId);
    return row !== undefined && row.parentId === undefined;
  }

  private async tellUnlessTold(childId: AgentId, end: Pick<AgentCommit, 'events' | 'revision'>) {
    if (!(await this.grace.passes(childId))) await this.tell(childId, end);
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
    await this.report(child, childEndOf(child, { output: output ?? partial, failure }));
  }

  private async report(child: SpawnedAgent, data: AgentEventData<'ChildEnded'>): Promise<void> {
    const { parentId, agentId: childId } = child.spawned;
    if (parentId === undefined) return;
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
    await this.report(child, childEndAfter(child, end.events));
  }
}
