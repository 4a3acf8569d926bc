import type { AgentEvent, AgentEventData } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision, type Rejection } from '@skynet/kernel';
import type { AgentCommandOf, ToolOutcome } from '../agent/agent-command.js';
import {
  isLive,
  isSpawned,
  isUnderWay,
  type AgentState,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import { MAX_INPUT_ROUNDS, openRequest, requireInput } from './awaiting.js';
import { Draft, type Rules } from './draft.js';
import { partialOf } from './ending.js';
import { nextStep } from './next-step.js';

/** Runs in a row without a step after which an agent is given up. */
const MAX_RUNS_WITHOUT_STEP = 3;

/** Told to a worker whose agent was taken over: it must stop. */
export function superseded(state: SpawnedAgent): Rejection {
  return {
    code: 'RUN_SUPERSEDED',
    message: `${state.spawned.agentId} is in run ${state.epoch}`,
    next: 'Stop: another worker has taken over.',
  };
}

export function admit(
  command: AgentCommandOf<'AdmitAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  if (!isTurnOf(state, command.data.queuedRevision)) return nothingToDo();
  return accept({ type: 'AgentAdmitted', data: { slot: { kind: 'given' } } });
}

/** Whether the agent is queued, and that by this event, if one is named. */
function isTurnOf(state: AgentState, queuedRevision: number | undefined): state is SpawnedAgent {
  if (!isSpawned(state) || state.phase !== 'queued' || state.paused) return false;
  return queuedRevision === undefined || state.queuedRevision === queuedRevision;
}

/** Takes a slot that the worker has; who is not queued takes none. */
export function beginRun(
  command: AgentCommandOf<'BeginRun'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { slot, queuedRevision, ...run } = command.data;
  if (!isTurnOf(state, queuedRevision)) return nothingToDo();
  const draft = new Draft(state, rules, command.nowMs).add('AgentAdmitted', { slot });
  return start(draft, run);
}

/** What nobody started is started; a run under way is taken over only when its worker is lost. */
export function startRun(
  command: AgentCommandOf<'StartRun'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { dispatchId, lostWorkerId, ...run } = command.data;
  if (!isSpawned(state) || state.dispatchId !== dispatchId) return nothingToDo();
  const isLost = lostWorkerId !== undefined && state.workerId === lostWorkerId;
  const isTakeover = state.phase === 'running' && isLost && state.startedBy !== command.id;
  if (state.phase !== 'admitted' && !isTakeover) return nothingToDo();
  return start(new Draft(state, rules, command.nowMs), run);
}

function start(
  draft: Draft,
  { context, ...run }: Omit<AgentCommandOf<'BeginRun'>['data'], 'slot' | 'queuedRevision'>,
): Decision<AgentEvent> {
  const { dispatchId, epoch, runsWithoutStep } = draft.state;
  if (runsWithoutStep >= MAX_RUNS_WITHOUT_STEP) {
    const message = `${runsWithoutStep} runs in a row ended without a step`;
    const failure = { reason: 'CRASH_LOOP', message, retryable: false };
    return accept(...draft.add('AgentFailed', { failure, ...partialOf(draft.state) }).events);
  }
  draft.add('RunStarted', { epoch: epoch + 1, dispatchId, ...run });
  recover(draft);
  nextStep(draft, context);
  return accept(...draft.events);
}

/** Settles or doubts whatever the run before left under way. */
function recover(draft: Draft): void {
  const { modelCall, toolCalls } = draft.state;
  if (modelCall !== undefined) {
    const { callId, held } = modelCall;
    draft.add('ModelCallSettled', { callId, usage: held, outcome: { kind: 'lost' } });
  }
  for (const [toolCallId, call] of toolCalls) {
    if (!isUnderWay(call)) continue;
    const { attempt, recovery, taskId } = call;
    // To ask for a task again does nothing twice.
    if (taskId !== undefined && recovery !== undefined)
      draft.add('ToolCallStarted', { toolCallId, attempt: attempt + 1, recovery });
    else recoverToolCall(draft, toolCallId, LOST);
  }
}

const MAX_TOOL_ATTEMPTS = 3;

/** Of a call whose worker was lost. */
const LOST = 'the call broke off';

type Asks = Extract<ToolOutcome, { readonly kind: 'asks' }>;

/** Nobody is asked for an agent that has ended. */
const ENDED = 'NOT_DONE: the server asks for input first, and the agent has ended.';

function settleOrAsk(draft: Draft, toolCallId: string, { requests, state }: Asks): void {
  if (!isLive(draft.state)) {
    draft.add('ToolCallSettled', { toolCallId, content: ENDED, isError: true });
    return;
  }
  const rounds = draft.state.toolCalls.get(toolCallId)?.input?.rounds ?? 0;
  if (rounds >= MAX_INPUT_ROUNDS) {
    const content = `TOO_MANY_QUESTIONS: the server asks again after ${rounds} times; the call is given up.`;
    draft.add('ToolCallSettled', { toolCallId, content, isError: true });
    return;
  }
  const asked = { requests: [...requests], ...(state !== undefined && { state }) };
  requireInput(draft, { toolCallId, ...asked, isOpen: false });
}

/** The call goes on with the answer. */
export function askDuringCall(
  command: AgentCommandOf<'AskDuringCall'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { epoch, toolCallId, attempt, request } = command.data;
  if (!isSpawned(state) || state.phase !== 'running') return nothingToDo();
  if (epoch < state.epoch) return reject(superseded(state));
  const call = state.toolCalls.get(toolCallId);
  if (call?.stage !== 'started' || call.attempt !== attempt) return nothingToDo();
  const draft = new Draft(state, rules, command.nowMs);
  requireInput(draft, { toolCallId, requests: [request], isOpen: true });
  return accept(...draft.events);
}

/** As if somebody had cancelled it; the call goes on. */
export function withdrawQuestion(
  command: AgentCommandOf<'WithdrawQuestion'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { epoch, toolCallId, attempt, key } = command.data;
  if (!isSpawned(state) || epoch !== state.epoch) return nothingToDo();
  const call = state.toolCalls.get(toolCallId);
  const isAsked = call?.stage === 'question' && call.input?.isOpen === true;
  if (!isAsked || call.attempt !== attempt || openRequest(call)?.key !== key) return nothingToDo();
  return accept({ type: 'ToolInputGiven', data: { toolCallId, key, action: 'cancel' } });
}

/** The call goes on, whoever asks for its result. */
export function recordToolTask(
  command: AgentCommandOf<'RecordToolTask'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { epoch, attempt, ...data } = command.data;
  if (!isSpawned(state) || state.phase !== 'running') return nothingToDo();
  if (epoch < state.epoch) return reject(superseded(state));
  const call = state.toolCalls.get(data.toolCallId);
  if (call?.stage !== 'started' || call.attempt !== attempt || call.taskId !== undefined)
    return nothingToDo();
  return accept({ type: 'ToolTaskStarted', data });
}

function settledBy(
  outcome: Exclude<ToolOutcome, Asks>,
): Omit<AgentEventData<'ToolCallSettled'>, 'toolCallId'> {
  if (outcome.kind === 'settled') {
    const { content, isError, images, attachments, fromCache } = outcome;
    return {
      content,
      isError,
      ...(images !== undefined && { images: [...images] }),
      ...(attachments !== undefined && { attachments: [...attachments] }),
      ...(fromCache !== undefined && { fromCache }),
    };
  }
  const content = `OUTCOME_UNKNOWN: ${outcome.reason}; it may or may not have happened.`;
  return { content, isError: true };
}

/** The operator's policy says what to do with a call that may or may not have happened. */
function recoverToolCall(draft: Draft, toolCallId: string, reason: string): void {
  const call = draft.state.toolCalls.get(toolCallId);
  if (call === undefined) return;
  const { attempt, recovery, input } = call;
  // What it was asked in between had an answer.
  const tries = attempt - (input?.isOpen === false ? input.askedIn : 0);
  const mayRepeat = recovery === 'retry' || recovery === 'key';
  if (mayRepeat && tries < MAX_TOOL_ATTEMPTS) {
    draft.add('ToolCallStarted', { toolCallId, attempt: attempt + 1, recovery });
  } else if (mayRepeat || recovery === 'fail') {
    draft.add('ToolCallSettled', { toolCallId, ...settledBy({ kind: 'unknown', reason }) });
  } else {
    draft.add('ToolCallInDoubt', { toolCallId, reason });
  }
}

export function continueRun(
  command: AgentCommandOf<'ContinueRun'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  if (!isLive(state)) return nothingToDo();
  if (command.data.epoch < state.epoch) return reject(superseded(state));
  const draft = new Draft(state, rules, command.nowMs);
  nextStep(draft, command.data.context);
  return accept(...draft.events);
}

export function recordToolOutcome(
  command: AgentCommandOf<'RecordToolOutcome'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { epoch, toolCallId, attempt, outcome, context } = command.data;
  if (!isSpawned(state)) return nothingToDo();
  if (epoch < state.epoch) return reject(superseded(state));
  const call = state.toolCalls.get(toolCallId);
  if (call === undefined || !isUnderWay(call) || call.attempt !== attempt) return nothingToDo();
  const draft = new Draft(state, rules, command.nowMs);
  if (outcome.kind === 'asks') {
    settleOrAsk(draft, toolCallId, outcome);
    nextStep(draft, context);
    return accept(...draft.events);
  }
  if (outcome.kind === 'unknown' && isLive(state)) {
    recoverToolCall(draft, toolCallId, outcome.reason);
  } else draft.add('ToolCallSettled', { toolCallId, ...settledBy(outcome) });
  nextStep(draft, context);
  return accept(...draft.events);
}

/** Of a run that is over nothing is shown any more. */
export function reportToolProgress(
  command: AgentCommandOf<'ReportToolProgress'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { epoch, ...data } = command.data;
  if (!isSpawned(state) || state.phase !== 'running' || epoch !== state.epoch) return nothingToDo();
  return accept({ type: 'ProgressReported', data });
}
