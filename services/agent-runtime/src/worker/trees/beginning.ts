import { newAgent, type AgentCommandOf, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { Logger, Origin } from '@skynet/platform';
import type { AgentOrder, Agents } from '../../owner/agents.js';
import type { StartedRun } from '../run/agent.runner.js';
import { decidePatiently, type DecidingRun } from '../run/decide-patiently.js';
import {
  hasBegun,
  prepareRun,
  type PreparationDependencies,
  type PreparedRun,
} from '../run/prepared-run.js';
import { beginRunOn, isLate, preparationMs, type Beginning, type Slot } from './start.js';

export interface StartDependencies extends PreparationDependencies, DecidingRun {
  readonly agents: Agents;
  readonly log: Logger;
}

/** What a run begins with. */
export interface BeginningOrder {
  readonly slot: Slot;
  /** W3C trace context that the run goes on from. */
  readonly traceparent: string | undefined;
  /** What goes in the same commit before it. Default: nothing. */
  readonly before?: readonly AgentOrder[];
  /** What queued the agent, when the slot is for that turn only. */
  readonly queuedRevision?: number;
  /** Whether the run is for what goes before it only, and not for an agent that is there. Default: false. */
  readonly follows?: boolean;
  /** Longest wait for tool servers that are starting. Default: half of the slot's time. */
  readonly patienceMs?: number;
}

/** An agent whose stream nobody has made. */
export interface Unborn {
  readonly data: AgentCommandOf<'SpawnAgent'>['data'];
  /** On whose behalf it is made. */
  readonly origin: Origin;
  /** Id of the command that makes it. */
  readonly id: string;
  /** Monotonic milliseconds: later it is not made. Default: no such time. */
  readonly lastMomentMs?: number;
}

/** The commit that was to begin a run. */
export type SentBeginning = StartedRun & { readonly prepared: PreparedRun };

/** Begins a run of the agent in one commit, with what goes before it; undefined when the slot's time was over before. */
export async function sendBeginning(
  agent: SpawnedAgent,
  order: BeginningOrder,
  deps: StartDependencies,
): Promise<SentBeginning | undefined> {
  const { slot, traceparent, before = [], queuedRevision, patienceMs = Infinity, follows } = order;
  const { clock } = deps;
  const waitMs = Math.min(patienceMs, preparationMs(slot, clock));
  const prepared = await prepareRun(agent, traceparent, deps, waitMs);
  if (isLate(slot, clock)) return undefined;
  const sentMs = clock.monotonicMs();
  const request = { ...beginRunOn(slot, prepared, queuedRevision), follows };
  const orders = [...before, { request, origin: prepared.origin }];
  const execution = await decidePatiently(deps, agent.spawned.agentId, orders);
  return { prepared, execution, sentMs };
}

/** Makes the agent's stream, which begins with its first run; undefined as `sendBeginning`. */
export async function sendBirth(
  { data, id, lastMomentMs, origin }: Unborn,
  order: Pick<BeginningOrder, 'slot' | 'patienceMs' | 'follows'>,
  deps: StartDependencies,
): Promise<SentBeginning | undefined> {
  const request = { id, type: 'SpawnAgent', data, lastMomentMs } as const;
  const before = [{ request, origin }];
  return sendBeginning(newAgent(data), { ...order, traceparent: origin.traceparent, before }, deps);
}

/** What the commit that was to begin the run has done. */
export function beginningOf(sent: SentBeginning | undefined): Beginning {
  if (sent === undefined) return { kind: 'missed' };
  const { prepared, execution } = sent;
  if (hasBegun(prepared, execution)) return { kind: 'begun', ...sent };
  const hasTaken =
    !isRefused(execution) && execution.events.some(({ type }) => type === 'AgentAdmitted');
  return { kind: hasTaken ? 'over' : 'missed' };
}
