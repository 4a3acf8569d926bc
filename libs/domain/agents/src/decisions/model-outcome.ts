import type { AgentEvent, AgentEventData, Text } from '@skynet/contracts';
import { accept, nothingToDo, reject, unreachable, type Decision } from '@skynet/kernel';
import type {
  AgentCommandOf,
  ModelOutcome,
  RequestedCall,
  RunContext,
} from '../agent/agent-command.js';
import {
  isLive,
  isSpawned,
  modelOf,
  type AgentState,
  type OpenModelCall,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import { entriesToSummarise } from '../compaction/summarised.js';
import { affordableCall } from './budget.js';
import { Draft, type Rules } from './draft.js';
import { askPeople, awaitMessage, startAwait } from './awaiting.js';
import { partialOf } from './ending.js';
import { changeTopic, sendMessage } from './messages.js';
import { nextStep, takeModel } from './next-step.js';
import { rulesOf } from './rules.js';
import { superseded } from './running.js';
import { reserve } from './spawning.js';

export function recordModelOutcome(
  command: AgentCommandOf<'RecordModelOutcome'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { callId, epoch, usage, outcome, context } = command.data;
  if (!isSpawned(state)) return nothingToDo();
  if (epoch < state.epoch) return reject(superseded(state));
  if (state.modelCall?.callId !== callId) return nothingToDo();
  const { windDown, summaryFor } = state.modelCall;
  const takesCalls = !windDown && summaryFor === undefined;
  const draft = new Draft(state, rules, command.nowMs);
  const settled = { callId, usage, ...savedBy(command.data) };
  draft.add('ModelCallSettled', { ...settled, outcome: stored(outcome, takesCalls) });
  if (!isLive(draft.state)) return accept(...draft.events);
  if (outcome.kind !== 'answered') unanswered(draft, outcome, state.modelCall, context);
  else goOnWith(draft, outcome, state.modelCall, context);
  return accept(...draft.events);
}

function savedBy({
  cached,
  fromCache,
}: AgentCommandOf<'RecordModelOutcome'>['data']): Pick<
  AgentEventData<'ModelCallSettled'>,
  'cached' | 'fromCache'
> {
  return { ...(cached !== undefined && { cached }), ...(fromCache !== undefined && { fromCache }) };
}

type Answered = Extract<ModelOutcome, { readonly kind: 'answered' }>;

function goOnWith(
  draft: Draft,
  answer: Answered,
  { summaryFor, windDown }: OpenModelCall,
  context: RunContext,
): void {
  if (summaryFor !== undefined) {
    summarised(draft, answer, summaryFor);
    nextStep(draft, context);
  } else if (windDown) {
    const { limit } = affordableCall(draft.state, context.promptBytes);
    draft.add('AgentExhausted', { limit, ...partialOf(draft.state) });
  } else if (answer.calls.length === 0) {
    finish(draft, answer, context);
  } else {
    for (const call of answer.calls) requested(draft, call, draft.nowMs);
    nextStep(draft, context);
  }
}

/** The summary takes the place of all but the last turns. */
function summarised(draft: Draft, { text, summary }: Answered, contextTokens: number): void {
  const entries = entriesToSummarise(draft.state.conversation, contextTokens);
  if (entries === undefined) return;
  const data = { kind: 'summary', entries, contextTokens, text: summary ?? text } as const;
  draft.add('ConversationCompacted', data);
}

/** Ends the agent with the answer, unless that says nothing or does not fit, or something was said to the agent meanwhile. */
function finish(draft: Draft, { text, checked }: Answered, context: RunContext): void {
  if (draft.state.unread.length > 0) return nextStep(draft, context);
  const asksAgain = context.asksAgain === true || rulesOf(draft.state).asksAgain;
  if (!asksAgain || !isBlank(text)) return complete(draft, { text, checked }, context);
  const before = draft.state.conversation.at(-2);
  const wasAsked =
    before?.kind === 'answer' && before.toolCalls.length === 0 && isBlank(before.text);
  if (wasAsked) giveUpOn(draft, { ...SAID_NOTHING, final: true });
  else nextStep(draft, context);
}

/** An answer that does not fit is asked for once more; the second ends the agent. */
function complete(
  draft: Draft,
  { text, checked }: Pick<Answered, 'text' | 'checked'>,
  context: RunContext,
): void {
  if (checked?.kind !== 'misfits') {
    draft.add('AgentCompleted', { output: checked?.output ?? text });
    return;
  }
  const wasAsked = draft.state.outputRejected === true;
  const { mistakes } = checked;
  draft.add('OutputRejected', { mistakes });
  if (!wasAsked) return nextStep(draft, context);
  draft.add('AgentFailed', {
    failure: { reason: 'OUTPUT_INVALID', message: mistakes, retryable: true },
    ...partialOf(draft.state),
  });
}

const SAID_NOTHING = {
  kind: 'failed',
  message: 'the model answered nothing, twice',
  retryable: true,
} as const;

const isBlank = (text: Text) => typeof text === 'string' && text.trim() === '';

function stored(
  outcome: ModelOutcome,
  takesCalls: boolean,
): AgentEventData<'ModelCallSettled'>['outcome'] {
  if (outcome.kind === 'failed') {
    return { kind: 'failed', message: outcome.message, retryable: outcome.retryable };
  }
  if (outcome.kind === 'interrupted') return { kind: 'interrupted' };
  const toolCalls = takesCalls ? outcome.calls.map(({ call }) => call) : [];
  const { text, thinking } = outcome;
  return { kind: 'answered', text, toolCalls, ...(thinking !== undefined && { thinking }) };
}

function unanswered(
  draft: Draft,
  outcome: Exclude<ModelOutcome, { kind: 'answered' }>,
  { isByOther }: OpenModelCall,
  context: RunContext,
): void {
  // One that writes summaries for it is not all that the agent has.
  if (outcome.kind !== 'failed' || isByOther) return nextStep(draft, context);
  if (!isTakenOver(draft.state, context)) return giveUpOn(draft, outcome);
  takeModel(draft, context);
  nextStep(draft, context);
}

/** Whether another model is to take the same turn. */
function isTakenOver(state: SpawnedAgent, { model: next }: RunContext): boolean {
  return next?.from !== undefined && next.model.id !== modelOf(state).id;
}

/** A failed call ends the agent unless the worker will try again, at once or when the provider has asked for it. */
function giveUpOn(draft: Draft, outcome: Extract<ModelOutcome, { kind: 'failed' }>): void {
  const { retryable, final, notBeforeMs: untilMs } = outcome;
  if (retryable && !final) {
    if (untilMs !== undefined) draft.add('AgentParked', { waitingFor: 'provider', untilMs });
    return;
  }
  const message = withTried(outcome.message, draft.state);
  draft.add('AgentFailed', {
    failure: { reason: 'MODEL_FAILED', message, retryable },
    ...partialOf(draft.state),
  });
}

/** The last failure, and what was tried before. */
function withTried(message: string, state: SpawnedAgent): string {
  const { triedModels: tried } = state;
  if (tried === undefined) return message;
  const before = tried.map(({ model, reason }) => `${model} (${reason})`).join('; ');
  return `${modelOf(state).id}: ${message}. Tried before: ${before}.`;
}

/** Pure built-in calls are settled in the turn's own commit; calls with effects stay asked for. */
function requested(draft: Draft, request: RequestedCall, nowMs: number): void {
  const { call } = request;
  switch (request.kind) {
    case 'invalid':
      return settle(draft, call.id, request.message, true);
    case 'told':
      return settle(draft, call.id, request.content, false);
    case 'progress': {
      const { message, percent } = request;
      draft.add('ProgressReported', { message, ...(percent === undefined ? {} : { percent }) });
      return settle(draft, call.id, 'ok', false);
    }
    case 'spawn': {
      const { childId, spec } = request;
      const refused = reserve(draft, { childId, toolCallId: call.id, spec, nowMs });
      const answer = refused ?? { agentId: childId, status: 'queued' };
      return settle(draft, call.id, JSON.stringify(answer), refused !== undefined);
    }
    case 'await':
      return startAwait(draft, request);
    case 'awaitMessage':
      return awaitMessage(draft, request);
    case 'ask':
      return askPeople(draft, request);
    case 'message':
      return sendMessage(draft, request);
    case 'topic':
      return changeTopic(draft, request);
    case 'external':
      return;
    default:
      return unreachable(request);
  }
}

function settle(draft: Draft, toolCallId: string, content: Text, isError: boolean): void {
  draft.add('ToolCallSettled', { toolCallId, content, isError });
}
