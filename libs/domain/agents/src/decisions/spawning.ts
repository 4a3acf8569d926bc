import { rejection, type AgentEvent, type AgentId, type AgentSpec } from '@skynet/contracts';
import {
  accept,
  isRefused,
  nothingToDo,
  reject,
  type Decision,
  type Rejection,
} from '@skynet/kernel';
import type { AgentCommandOf } from '../agent/agent-command.js';
import { isLive, isSpawned, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';
import { childLimits } from './budget.js';
import { Draft, type Rules } from './draft.js';
import { grantsBeyond } from './grants.js';
import { tell } from './messages.js';

export function spawn(
  command: AgentCommandOf<'SpawnAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { agentId, spec } = command.data;
  if (state.phase === 'absent') return accept({ type: 'AgentSpawned', data: command.data });
  if (!isSpawned(state)) {
    return reject(rejection('AGENT_REFUSED', `${agentId} was refused: ${state.reason}`));
  }
  if (state.spawned.spec.argsHash === spec.argsHash) return nothingToDo();
  return reject(rejection('IDEMPOTENCY_CONFLICT', `${agentId} was spawned with other arguments`));
}

/** A client asks for a child; the parent sets the limits aside in its own stream first. */
export function reserveForClient(
  command: AgentCommandOf<'ReserveChild'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { childId, spec } = command.data;
  if (!isSpawned(state)) return reject(rejection('AGENT_NOT_FOUND', 'There is no such parent.'));
  const known = state.children.get(childId);
  if (known?.argsHash === spec.argsHash) return nothingToDo();
  if (known !== undefined) {
    return reject(rejection('IDEMPOTENCY_CONFLICT', `${childId} was spawned with other arguments`));
  }
  if (!isLive(state)) {
    return reject(rejection('PARENT_ENDED', `${state.spawned.agentId} is ${state.phase}`));
  }
  const draft = new Draft(state, rules, command.nowMs);
  const refused = reserve(draft, { childId, spec, nowMs: command.nowMs });
  return refused === undefined ? accept(...draft.events) : reject(refused);
}

/** In the place of a child that has ended; a parent that waits for children hears of it at once. */
export function retryForClient(
  command: AgentCommandOf<'RetryChild'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { spec, retried, told } = command.data;
  const { childId, from } = retried;
  if (!isSpawned(state)) return reject(rejection('AGENT_NOT_FOUND', 'There is no such parent.'));
  const known = state.children.get(childId);
  if (known?.argsHash === spec.argsHash) return nothingToDo();
  if (known !== undefined) {
    return reject(rejection('IDEMPOTENCY_CONFLICT', `${childId} was made with other arguments`));
  }
  const draft = new Draft(state, rules, command.nowMs);
  const refused =
    whyNotRetry(state, from.agentId) ?? reserve(draft, { childId, spec, nowMs: command.nowMs });
  if (refused !== undefined) return reject(refused);
  draft.add('ChildRetried', retried);
  const unheard = tell(draft, { ...told, interrupts: state.awaits.size > 0 });
  return unheard === undefined ? accept(...draft.events) : reject(unheard);
}

function whyNotRetry(state: SpawnedAgent, childId: AgentId): Rejection | undefined {
  if (!isLive(state)) return parentEnded(state, childId);
  const { status = 'completed' } = state.children.get(childId)?.ended ?? {};
  if (status !== 'completed') return undefined;
  const message = `${childId} is no child that has ended without completing`;
  return rejection('AGENT_NOT_FAILED', message);
}

function parentEnded({ phase, spawned }: SpawnedAgent, childId: AgentId): Rejection {
  const { agentId, rootId } = spawned;
  const of = agentId === rootId ? `the root ${rootId}` : `it, or the root ${rootId}`;
  const next = phase === 'completed' ? `fork ${childId} to have it as a root` : `retry ${of}`;
  return rejection('PARENT_ENDED', `${agentId}, the parent of ${childId}, is ${phase}: ${next}`);
}

interface Reservation {
  readonly childId: AgentId;
  readonly toolCallId?: string;
  readonly spec: AgentSpec;
  readonly nowMs: number;
}

/** Sets the child's limits aside, or says which limit or grant stands in the way. */
export function reserve(draft: Draft, reservation: Reservation): Rejection | undefined {
  const { childId, toolCallId, spec, nowMs } = reservation;
  const { state } = draft;
  const refusedGrants = ungranted(state, spec);
  if (refusedGrants !== undefined) return refusedGrants;
  const share = childLimits(state, spec, nowMs);
  if (isRefused(share)) return share.refused;
  draft.add('ChildReserved', {
    childId,
    ...(toolCallId === undefined ? {} : { toolCallId }),
    depth: state.spawned.depth + 1,
    spec,
    limits: share.limits,
  });
  return undefined;
}

function ungranted(state: SpawnedAgent, spec: AgentSpec): Rejection | undefined {
  const beyond = grantsBeyond(state.spawned.spec.tools, spec.tools);
  if (beyond.length === 0) return undefined;
  return rejection(
    'GRANT_TOO_WIDE',
    `${state.spawned.agentId} itself has no grant for ${beyond.join(', ')}`,
  );
}
