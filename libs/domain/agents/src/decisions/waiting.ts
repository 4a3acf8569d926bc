import { rejection, type AgentEvent, type Text } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision } from '@skynet/kernel';
import type { AgentCommandOf, InputRequest } from '../agent/agent-command.js';
import {
  isLive,
  isSpawned,
  type AgentState,
  type OpenToolCall,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import { readInput, refusedInput } from '../asking/given-input.js';
import { Draft, type Rules } from './draft.js';
import { askNext, endMetAwaits, openRequest, wakeIfDone } from './awaiting.js';

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

/** What an agent is told of a question whose time is over. */
const NOBODY_ANSWERED = 'NO_ANSWER: nobody has answered in time.';

/** Of a wait with a time, or a question with one. */
export function endAwait(
  command: AgentCommandOf<'EndAwait'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { toolCallId } = command.data;
  if (!isLive(state)) return nothingToDo();
  const question = state.toolCalls.get(toolCallId)?.question;
  const { deadlineMs } = state.awaits.get(toolCallId) ?? question ?? {};
  if (deadlineMs === undefined || command.nowMs < deadlineMs) return nothingToDo();
  const draft = new Draft(state, rules, command.nowMs);
  if (question === undefined) draft.add('AwaitEnded', { toolCallId, reason: 'deadline' });
  else draft.add('ToolCallSettled', { toolCallId, content: NOBODY_ANSWERED, isError: true });
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

/** Answers a question or decides a call in doubt; the first answer wins. */
export function answer(
  command: AgentCommandOf<'AnswerAgent'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { toolCallId, answer: given } = command.data;
  if (!isSpawned(state)) return reject(rejection('AGENT_NOT_FOUND', 'There is no such agent.'));
  if (state.handled.has(command.id)) return nothingToDo();
  if (!isLive(state)) {
    return reject(rejection('AGENT_ALREADY_ENDED', `${state.spawned.agentId} is ${state.phase}`));
  }
  const call = state.toolCalls.get(toolCallId);
  const misfit = misfitOf(given, toolCallId, call);
  if (misfit !== undefined) return reject(rejection('INVALID_ARGUMENTS', misfit));
  const asked = call?.stage === 'question' ? openRequest(call) : undefined;
  if (asked !== undefined) return giveInput(command, state, { asked, rules });
  const draft = new Draft(state, rules, command.nowMs);
  if (given.decision === 'retry') draft.add('ToolCallReleased', { toolCallId });
  else {
    const isError = given.decision === 'failed';
    draft.add('ToolCallSettled', { toolCallId, content: given.text, isError });
  }
  wakeIfDone(draft, 'input');
  return accept(...draft.events);
}

/** The server is told; the call goes on, or is made again once all is answered. */
function giveInput(
  { nowMs, data }: AgentCommandOf<'AnswerAgent'>,
  state: SpawnedAgent,
  { asked, rules }: { readonly asked: InputRequest; readonly rules: Rules },
): Decision<AgentEvent> {
  const { toolCallId, answer: given } = data;
  const text = given.decision === 'retry' ? '' : given.text;
  const read = given.decision === 'failed' ? refusedInput(text) : readInput(asked, text);
  if ('misfit' in read)
    return reject(rejection('INVALID_ARGUMENTS', `${toolCallId}: ${read.misfit}`));
  const draft = new Draft(state, rules, nowMs);
  draft.add('ToolInputGiven', { toolCallId, key: asked.key, ...read });
  askNext(draft, toolCallId);
  wakeIfDone(draft, 'input');
  return accept(...draft.events);
}

function misfitOf(
  given: AgentCommandOf<'AnswerAgent'>['data']['answer'],
  toolCallId: string,
  call: OpenToolCall | undefined,
): string | undefined {
  if (call?.stage === 'inDoubt') return undefined;
  if (call?.stage !== 'question') {
    return `${toolCallId} is no tool call in doubt and no question, or somebody has answered`;
  }
  if (given.decision === 'retry') return `${toolCallId} is a question: answer it`;
  const choices = choicesOf(call);
  if (given.decision === 'failed' || choices === undefined) return undefined;
  return isOneOf(choices, given.text)
    ? undefined
    : `${toolCallId} is answered by one of: ${choices.join(', ')}`;
}

/** The fields of what a server asks say more of what they may be. */
function choicesOf(call: OpenToolCall): readonly string[] | undefined {
  return openRequest(call) === undefined ? call.question?.choices : undefined;
}

function isOneOf(choices: readonly string[], text: Text): boolean {
  return typeof text === 'string' && choices.includes(text);
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
