import type { RunItem } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { WorkerLeases } from '@skynet/platform';
import type { Agents } from '../../owner/agents.js';
import type { StartedRun } from '../run/agent.runner.js';
import { decidePatiently, type DecidingRun } from '../run/decide-patiently.js';
import {
  hasBegun,
  prepareRun,
  type PreparationDependencies,
  type PreparedRun,
} from '../run/prepared-run.js';
import { DispatchClaim, type RunEnd } from './dispatch-claim.js';

export interface DispatchDependencies extends PreparationDependencies, DecidingRun {
  readonly agents: Agents;
  readonly leases: Pick<WorkerLeases, 'isGone'>;
}

/** Starts the agent that was dispatched, or takes its run over, if the log and the leases say that it is due. */
export async function startDispatched(
  item: RunItem,
  deps: DispatchDependencies,
  isStopping: () => boolean,
): Promise<(StartedRun & { readonly prepared: PreparedRun }) | RunEnd> {
  const { agentId, dispatchId, traceparent } = item;
  const { agents, clock, leases, workerId } = deps;
  const claim = new DispatchClaim(item, workerId, leases);
  const state = await agents.load(agentId, dispatchId);
  if (!isSpawned(state) || !claim.isDue(state)) return claim.endFor(state);
  const prepared = await prepareRun(state, traceparent, deps);
  if (isStopping()) return 'left';
  const { origin, start, startId: id, trace } = prepared;
  const data = { ...start, dispatchId, lostWorkerId: claim.lostWorkerIn(state) };
  const sentMs = clock.monotonicMs();
  const request = { id, type: 'StartRun', data } as const;
  const execution = await decidePatiently(deps, agentId, [{ request, origin }]);
  if (!hasBegun(prepared, execution)) {
    if (!isRefused(execution) && execution.events.length > 0) trace.end(execution);
    return claim.endFor(execution.state);
  }
  return { prepared, execution, sentMs };
}
