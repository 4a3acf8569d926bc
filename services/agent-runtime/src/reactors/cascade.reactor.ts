import { agentIdOfStream, type AgentId } from '@skynet/contracts';
import { isLive, isSpawned, liveChildren, type SpawnedAgent } from '@skynet/domain-agents';
import type { Commit } from '@skynet/platform';
import { originOf, type Agents } from '../agents/agents.js';
import { endsAgent } from './terminal-events.js';
import type { Reactor } from './reactions.js';

/** Carries end, pause and resumption of an agent down to its children, also to those only reserved. */
export class CascadeReactor implements Reactor {
  readonly name = 'cascade';

  constructor(private readonly agents: Agents) {}

  react(commit: Commit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    if (commit.events.some(endsAgent)) return this.endChildren(agentId, commit.revision);
    const toggle = commit.events.find(
      ({ type }) => type === 'AgentPaused' || type === 'AgentResumed',
    );
    if (toggle === undefined) return undefined;
    return this.toggleChildren(agentId, toggle.id, toggle.type === 'AgentPaused');
  }

  private async endChildren(agentId: AgentId, revision: number): Promise<void> {
    const parent = await this.agents.load(agentId, revision);
    if (!isSpawned(parent) || isLive(parent)) return;
    const isOrder = parent.phase === 'terminated';
    const doomed = liveChildren(parent).filter(
      ([, child]) => isOrder || child.onParentClose === 'terminate',
    );
    await Promise.all(doomed.map(([childId]) => this.terminate(childId, parent)));
  }

  private async terminate(childId: AgentId, parent: SpawnedAgent): Promise<void> {
    const reason = `parent ${parent.phase}`;
    const origin = originOf(parent);
    const { state } = await this.agents.execute(
      childId,
      { id: `${childId}:closed`, type: 'TerminateAgent', data: { reason, reserved: true } },
      origin,
    );
    if (state.phase !== 'refused') return;
    const spent = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0, descendants: 0 };
    const data = { childId, status: 'terminated', spent } as const;
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
        this.agents.execute(
          childId,
          { id: `${childId}:${eventId}`, type, data: {} },
          originOf(parent),
        ),
      ),
    );
  }
}
