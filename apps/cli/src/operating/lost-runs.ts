import { agentIdOfStream, readAgentEvent, type AgentId, type RunItem } from '@skynet/contracts';
import type { Commit } from '@skynet/platform';

const ENDS_RUN: ReadonlySet<string> = new Set([
  'AgentParked',
  'RunYielded',
  'AgentAdmitted',
  'AgentCompleted',
  'AgentFailed',
  'AgentTerminated',
  'AgentExpired',
  'AgentExhausted',
]);

/**
 * Runs under way at the end of a log. The item that brought an agent to its worker is on the queue until the run ends: in
 * a system with a queue of its own it must be put there anew, or the agent would wait for its deadline.
 */
export class LostRuns {
  private readonly underWay = new Map<AgentId, number>();

  add({ stream, events }: Pick<Commit, 'stream' | 'events'>): void {
    const agentId = agentIdOfStream(stream);
    if (agentId === undefined) return;
    for (const stored of events) {
      if (ENDS_RUN.has(stored.type)) this.underWay.delete(agentId);
      if (stored.type !== 'RunStarted') continue;
      const event = readAgentEvent(stored);
      if (event.type === 'RunStarted') this.underWay.set(agentId, event.data.dispatchId);
    }
  }

  items(): RunItem[] {
    return [...this.underWay].map(([agentId, dispatchId]) => ({
      agentId,
      dispatchId,
      isLost: true,
    }));
  }
}
