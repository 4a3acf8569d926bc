import { agentIdOfStream, isEnd, type AgentRow } from '@skynet/contracts';
import { childEndOf, isSpawned } from '@skynet/domain-agents';
import type { Commit } from '@skynet/platform';
import { originOf, type Agents } from '../agents/agents.js';
import type { AgentIndex } from '../projections/agent-index.js';
import { endsAgent } from './terminal-events.js';
import type { Reactor } from './reactions.js';

/** Tells a parent that a child has ended: what it spent, and its result or failure. */
export class ChildEndsReactor implements Reactor {
  readonly name = 'child-ends';

  constructor(
    private readonly agents: Agents,
    private readonly index: AgentIndex,
  ) {}

  react(commit: Commit): Promise<void> | undefined {
    if (!commit.events.some(endsAgent)) return undefined;
    const agentId = agentIdOfStream(commit.stream);
    const row = agentId === undefined ? undefined : this.index.get(agentId);
    if (row?.parentId === undefined || !isEnd(row.status)) return undefined;
    return this.tell(row);
  }

  private async tell(row: AgentRow): Promise<void> {
    const { agentId, parentId, output, partial, failure } = row;
    const child = await this.agents.load(agentId, row.revision);
    if (!isSpawned(child) || parentId === undefined) return;
    await this.agents.execute(
      parentId,
      {
        id: `${agentId}:ended`,
        type: 'RecordChildEnded',
        data: childEndOf(child, { output: output ?? partial, failure }),
      },
      originOf(child),
    );
  }
}
