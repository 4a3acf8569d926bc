import { agentIdOfStream, endsAgent, type AgentId, type AgentRow } from '@skynet/contracts';
import {
  isFailedByDamage,
  isLive,
  isSpawned,
  liveChildren,
  type SpawnedAgent,
  NOTHING_SPENT,
} from '@skynet/domain-agents';
import { closingIdOf, originOf, type Agents } from '../owner/agents.js';
import type { ReactedCommit, Reactor } from './reactions.js';
import { unlessUnreadable } from '../owner/unless-unreadable.js';

/** Carries end, pause and resumption of an agent down to its children, also to those only reserved. */
export class CascadeReactor implements Reactor {
  readonly name = 'cascade';

  constructor(private readonly agents: Agents) {}

  react(commit: ReactedCommit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    if (commit.events.some(endsAgent)) return this.endChildren(agentId, commit.revision);
    const toggle = commit.events.find(
      ({ type }) => type === 'AgentPaused' || type === 'AgentResumed',
    );
    if (toggle === undefined) return undefined;
    return this.toggleChildren(agentId, toggle.id, toggle.type === 'AgentPaused');
  }

  /** The children of an agent that failed without an event of its own. */
  reactToFault(row: AgentRow): Promise<void> | undefined {
    if (!isFailedByDamage(row) || row.childIds.length === 0) return undefined;
    const closed = row.childIds.map((childId) => unlessUnreadable(this.close(childId, row)));
    return Promise.all(closed).then(() => undefined);
  }

  /** An agent that could not be told of its parent's end is told now. */
  reactToReturn({ parentId }: AgentRow): Promise<void> | undefined {
    return parentId === undefined ? undefined : this.endChildren(parentId);
  }

  /** Ends what is not to outlive its parent; what was only reserved never begins. */
  private async close(childId: AgentId, { tenant, principal }: AgentRow): Promise<void> {
    const child = await this.agents.load(childId);
    if (isSpawned(child) && child.spawned.spec.onParentClose !== 'terminate') return;
    const data = { reason: 'parent failed', reserved: true };
    const request = { id: closingIdOf(childId), type: 'TerminateAgent', data } as const;
    await this.agents.execute(childId, request, { tenant, principal });
  }

  private async endChildren(agentId: AgentId, revision?: number): Promise<void> {
    const parent = await this.agents.load(agentId, revision);
    if (!isSpawned(parent) || isLive(parent)) return;
    const isOrder = parent.phase === 'terminated';
    const doomed = liveChildren(parent).filter(
      ([, child]) => isOrder || child.onParentClose === 'terminate',
    );
    await Promise.all(doomed.map(([childId]) => unlessUnreadable(this.terminate(childId, parent))));
  }

  private async terminate(childId: AgentId, parent: SpawnedAgent): Promise<void> {
    const reason = `parent ${parent.phase}`;
    const origin = originOf(parent);
    const { state } = await this.agents.execute(
      childId,
      { id: closingIdOf(childId), type: 'TerminateAgent', data: { reason, reserved: true } },
      origin,
    );
    if (state.phase !== 'refused') return;
    const data = { childId, status: 'terminated', spent: NOTHING_SPENT } as const;
    const request = { id: `${childId}:ended`, type: 'RecordChildEnded', data } as const;
    await this.agents.execute(parent.spawned.agentId, request, origin);
  }

  private async toggleChildren(agentId: AgentId, eventId: string, isPause: boolean): Promise<void> {
    const parent = await this.agents.load(agentId);
    // A later toggle of the parent has its own event; an outdated one must not reach the children after it.
    if (!isLive(parent) || parent.paused !== isPause) return;
    const type = isPause ? 'PauseAgent' : 'ResumeAgent';
    await Promise.all(
      liveChildren(parent).map(([childId]) =>
        unlessUnreadable(
          this.agents.execute(
            childId,
            { id: `${childId}:${eventId}`, type, data: {} },
            originOf(parent),
          ),
        ),
      ),
    );
  }
}
