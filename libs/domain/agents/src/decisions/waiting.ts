import { rejection, type AgentEvent } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision } from '@skynet/kernel';
import type { AgentCommandOf } from '../agent/agent-command.js';
import { isLive, isSpawned, type AgentState } from '../agent/agent-state.js';
import { Draft, type Rules } from './draft.js';
import { endMetAwaits, wakeIfDone } from './awaiting.js';

/** A child's end settles its reservation, also after the parent's own end; each child settles once. */
export function recordChildEnded(
  command: AgentCommandOf<'RecordChildEnded'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  if (!isSpawned(state)) return nothingToDo();
  const child = state.children.get(command.data.childId);
  if (child === undefined || child.ended !== undefined) return nothingToDo();
  const draft = new Draft(state, rules, command.nowMs).add('ChildEnded', command.data);
  if (isLive(state)) {
    endMetAwaits(draft);
    wakeIfDone(draft, 'children');
  }
  return accept(...draft.events);
}

export function endAwait(
  command: AgentCommandOf<'EndAwait'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { toolCallId } = command.data;
  if (!isLive(state)) return nothingToDo();
  const deadlineMs = state.awaits.get(toolCallId)?.deadlineMs;
  if (deadlineMs === undefined || command.nowMs < deadlineMs) return nothingToDo();
  const draft = new Draft(state, rules, command.nowMs).add('AwaitEnded', {
    toolCallId,
    reason: 'deadline',
  });
  wakeIfDone(draft, 'timer');
  return accept(...draft.events);
}

export function wake(
  command: AgentCommandOf<'WakeAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  if (!isLive(state) || state.wakeAtMs === undefined) return nothingToDo();
  if (command.nowMs < state.wakeAtMs) return nothingToDo();
  return accept({ type: 'AgentWoken', data: { reason: 'timer' } });
}

/** Decides a call in doubt; the first answer wins. */
export function answer(
  command: AgentCommandOf<'AnswerAgent'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { toolCallId, answer: given } = command.data;
  if (!isSpawned(state)) return reject(rejection('AGENT_NOT_FOUND', 'There is no such agent.'));
  if (!isLive(state)) {
    return reject(rejection('AGENT_ALREADY_ENDED', `${state.spawned.agentId} is ${state.phase}`));
  }
  if (state.toolCalls.get(toolCallId)?.stage !== 'inDoubt') {
    return reject(rejection('INVALID_ARGUMENTS', `${toolCallId} is no tool call in doubt`));
  }
  const draft = new Draft(state, rules, command.nowMs);
  if (given.decision === 'retry') draft.add('ToolCallReleased', { toolCallId });
  else {
    const isError = given.decision === 'failed';
    draft.add('ToolCallSettled', { toolCallId, content: given.text, isError });
  }
  wakeIfDone(draft, 'input');
  return accept(...draft.events);
}

export function pause(
  command: AgentCommandOf<'PauseAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  return toggle(command.id, state, true);
}

export function resume(
  command: AgentCommandOf<'ResumeAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  return toggle(command.id, state, false);
}

function toggle(commandId: string, state: AgentState, paused: boolean): Decision<AgentEvent> {
  if (!isSpawned(state)) return reject(rejection('AGENT_NOT_FOUND', 'There is no such agent.'));
  if (state.handled.has(commandId)) return nothingToDo();
  const { agentId } = state.spawned;
  if (!isLive(state)) {
    return reject(rejection('AGENT_ALREADY_ENDED', `${agentId} is ${state.phase}`));
  }
  if (state.sharedParts !== undefined) {
    return reject(rejection('AGENT_NOT_PAUSED', `${agentId} is still getting its history`));
  }
  if (state.paused === paused) {
    return paused
      ? nothingToDo()
      : reject(rejection('AGENT_NOT_PAUSED', `${agentId} is not paused`));
  }
  return accept({ type: paused ? 'AgentPaused' : 'AgentResumed', data: {} });
}
