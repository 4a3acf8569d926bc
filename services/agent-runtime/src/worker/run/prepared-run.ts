import {
  CURRENT_RULES,
  isSpawned,
  type AgentCommandOf,
  type RunContext,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { Origin, Tracing } from '@skynet/platform';
import { originOf, type AgentExecution } from '../../owner/agents.js';
import { PATIENCE_WITH_SERVERS_MS, RunOffer, type OfferMeans } from '../../prompt/run-offer.js';
import type { RuntimeMetrics } from '../../telemetry/runtime-metrics.js';
import { RunTrace } from './run-trace.js';

/** Everything that a run needs before it begins. */
export interface PreparedRun {
  readonly agent: SpawnedAgent;
  readonly offer: RunOffer;
  readonly trace: RunTrace;
  /** W3C trace context that the trace goes on from. */
  readonly traceparent: string | undefined;
  /** On whose behalf it acts, and below which span. */
  readonly origin: Origin;
  /** Id of the command that begins it; no other run has it. */
  readonly startId: string;
  /** It begins without a request: its tool servers are still starting. */
  readonly awaitsTools: boolean;
  /** What that command records. */
  readonly start: Omit<AgentCommandOf<'BeginRun'>['data'], 'slot' | 'queuedRevision'>;
}

export interface PreparationDependencies extends OfferMeans {
  readonly tracing: Tracing;
  readonly metrics: RuntimeMetrics;
  readonly workerId: string;
}

/** Numbers the runs of this process, so that each start is a command of its own. */
let runs = 0;

/** Waits for the agent's tool servers for 2 s at most, and no longer than `patienceMs`. */
export async function prepareRun(
  agent: SpawnedAgent,
  traceparent: string | undefined,
  deps: PreparationDependencies,
  patienceMs = PATIENCE_WITH_SERVERS_MS,
): Promise<PreparedRun> {
  const { workerId } = deps;
  const trace = new RunTrace(deps, agent, traceparent);
  const waitMs = Math.min(patienceMs, PATIENCE_WITH_SERVERS_MS);
  const offer = await trace.within(() => RunOffer.of(agent, deps, waitMs));
  runs += 1;
  const offered = offer.begin();
  return {
    agent,
    offer,
    trace,
    traceparent,
    origin: { ...originOf(agent), traceparent: trace.traceparent },
    awaitsTools: offer.isArriving,
    startId: `${agent.spawned.agentId}:${agent.revision}:${workerId}:${runs}:start`,
    start: {
      workerId,
      offered,
      rules: CURRENT_RULES,
      keepsSlot: true,
      context: contextOf(offer, false),
    },
  };
}

/** What the rules have to know of the run for its next decision. */
export function contextOf(run: RunOffer, isDraining: boolean): RunContext {
  const { offer, unrecorded: tools, unrecordedModel: model, isArriving } = run;
  const draining = isDraining ? 'yield' : 'keep';
  return { ...offer.context, tools, model, ...((isDraining || isArriving) && { draining }) };
}

/** Whether this run has begun; else somebody else has started the agent, or it has moved on. */
export function hasBegun({ startId }: PreparedRun, execution: AgentExecution): boolean {
  const { state } = execution;
  return !isRefused(execution) && isSpawned(state) && state.startedBy === startId;
}
