import type { RunItem } from '@skynet/contracts';
import { isSpawned, type AgentState, type SpawnedAgent } from '@skynet/domain-agents';
import type { WorkerLeases } from '@skynet/platform';

/**
 * `done`: the log says that nothing is left to do for this dispatch. `elsewhere`: another worker runs the agent, and is
 * not gone. `left`: by the log this worker still runs the agent, and it does not.
 */
export type RunEnd = 'done' | 'elsewhere' | 'left';

/** What one worker may do with one dispatch: the log and the leases say it, whatever the queue says. */
export class DispatchClaim {
  constructor(
    private readonly item: Pick<RunItem, 'agentId' | 'dispatchId'>,
    private readonly workerId: string,
    private readonly leases: Pick<WorkerLeases, 'isGone'>,
  ) {}

  /** Whether the agent is to be started, or its run to be taken over. */
  isDue(state: SpawnedAgent): boolean {
    if (state.dispatchId !== this.item.dispatchId) return false;
    return state.phase === 'admitted' || this.lostWorkerIn(state) !== undefined;
  }

  /** The worker whose run may be taken over. A worker takes over from itself what it does not run any more. */
  lostWorkerIn({ phase, workerId }: SpawnedAgent): string | undefined {
    if (phase !== 'running' || workerId === undefined) return undefined;
    return workerId === this.workerId || this.leases.isGone(workerId) ? workerId : undefined;
  }

  /** What the state says of a dispatch that can't be claimed. */
  endFor(state: AgentState): RunEnd {
    const isRunning = isSpawned(state) && state.phase === 'running';
    return isRunning && state.dispatchId === this.item.dispatchId ? 'elsewhere' : 'done';
  }
}
