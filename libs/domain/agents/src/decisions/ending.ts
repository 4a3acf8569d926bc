import type { Text } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision } from '@skynet/kernel';
import { rejection, type AgentEvent } from '@skynet/contracts';
import type { AgentCommandOf } from '../agent/agent-command.js';
import { isLive, isSpawned, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';

/** The last thing the agent said, kept when it ends before its answer. */
export function partialOf(state: SpawnedAgent): { partial?: Text } {
  return state.lastText === undefined ? {} : { partial: state.lastText };
}

export function terminate(
  command: AgentCommandOf<'TerminateAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { reason, reserved } = command.data;
  if (isLive(state)) {
    return accept({ type: 'AgentTerminated', data: { reason, ...partialOf(state) } });
  }
  if (state.phase !== 'absent') return nothingToDo();
  if (reserved) return accept({ type: 'AgentRefused', data: { reason } });
  return reject(rejection('AGENT_NOT_FOUND', 'There is no such agent.'));
}

export function expire(
  command: AgentCommandOf<'ExpireAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  if (!isLive(state) || command.nowMs < state.spawned.limits.deadlineMs) return nothingToDo();
  return accept({ type: 'AgentExpired', data: partialOf(state) });
}

export function refuse(
  command: AgentCommandOf<'RefuseAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  if (!isSpawned(state) || state.phase !== 'queued') return nothingToDo();
  const { message } = command.data;
  return accept({
    type: 'AgentFailed',
    data: { failure: { reason: 'TENANT_LIMIT', message, retryable: true } },
  });
}
