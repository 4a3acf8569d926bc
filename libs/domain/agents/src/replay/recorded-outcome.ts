import type { AgentEventData, Text } from '@skynet/contracts';
import type {
  AgentCommand,
  AgentCommandOf,
  CheckedOutput,
  InputRequest,
  ModelOutcome,
  RequestedCall,
} from '../agent/agent-command.js';
import type { OpenToolCall, SpawnedAgent } from '../agent/agent-state.js';
import type { ToolCall } from '../agent/conversation.js';
import { findData, type DecisionEvents, type LoggedEvent } from './logged-event.js';
import type { ReplayFacts } from './replay-facts.js';

type Body = Pick<AgentCommand, 'type' | 'data'>;

/** The command that brought what a model, a tool or a person answered. */
export function outcomeCommand(
  state: SpawnedAgent,
  decision: DecisionEvents,
  facts: ReplayFacts,
): Body | undefined {
  const [first] = decision.events;
  switch (first?.type) {
    case 'ModelCallSettled':
      return modelOutcome(state, first.data, decision, facts);
    case 'ToolCallSettled':
      return toolSettled(state, first.data, { ...facts, next: decision.events[1] });
    case 'ToolCallStarted':
      return toolOutcome(state, first.data.toolCallId, { kind: 'unknown', reason: '' }, facts);
    case 'ToolCallInDoubt': {
      const { toolCallId, reason } = first.data;
      return toolOutcome(state, toolCallId, { kind: 'unknown', reason }, facts);
    }
    case 'ToolInputRequired': {
      const { toolCallId, requests, state: kept, isOpen } = first.data;
      const [request] = requests;
      if (isOpen && request !== undefined) return askedDuring(state, toolCallId, request);
      return toolOutcome(state, toolCallId, { kind: 'asks', requests, state: kept }, facts);
    }
    case 'ToolTaskStarted': {
      const { toolCallId } = first.data;
      return { type: 'RecordToolTask', data: { ...first.data, ...tryOf(state, toolCallId) } };
    }
    case 'ToolInputGiven':
      return { type: 'AnswerAgent', data: answerIn(first.data) };
    case 'ToolCallReleased': {
      const { toolCallId } = first.data;
      return { type: 'AnswerAgent', data: { toolCallId, answer: { decision: 'retry' } } };
    }
    default:
      return undefined;
  }
}

function modelOutcome(
  state: SpawnedAgent,
  { callId, usage, cached, fromCache, outcome }: AgentEventData<'ModelCallSettled'>,
  decision: DecisionEvents,
  facts: ReplayFacts,
): Body | undefined {
  if (outcome.kind === 'lost') return undefined;
  const read = (call: ToolCall) => facts.read(call, state, decision);
  const checked = checkedOutput(state, decision);
  const summary = writtenSummary(decision);
  const told = toldOutcome(outcome, { read, checked, summary }, decision);
  const { context } = facts;
  return {
    type: 'RecordModelOutcome',
    data: {
      ...{ epoch: state.epoch, callId, usage, outcome: told, context },
      ...(cached !== undefined && { cached }),
      ...(fromCache !== undefined && { fromCache }),
    },
  };
}

/** What the worker made of a last answer; undefined where it had nothing to fit. */
function checkedOutput(
  { spawned }: SpawnedAgent,
  decision: DecisionEvents,
): CheckedOutput | undefined {
  if (spawned.spec.outputSchema === undefined) return undefined;
  const turn = eventsOfTurn(decision);
  const rejected = findData(turn, 'OutputRejected');
  if (rejected !== undefined) return { kind: 'misfits', ...rejected };
  const completed = findData(turn, 'AgentCompleted');
  return completed === undefined ? undefined : { kind: 'fits', ...completed };
}

function toldOutcome(
  outcome: Exclude<AgentEventData<'ModelCallSettled'>['outcome'], { readonly kind: 'lost' }>,
  {
    read,
    ...found
  }: { read: (call: ToolCall) => RequestedCall; checked?: CheckedOutput; summary?: Text },
  decision: DecisionEvents,
): ModelOutcome {
  switch (outcome.kind) {
    case 'answered': {
      const { kind, text, thinking, toolCalls } = outcome;
      return { kind, text, thinking, ...found, calls: toolCalls.map(read) };
    }
    case 'failed':
      return { ...outcome, ...afterFailure(decision) };
    case 'interrupted':
      return outcome;
  }
}

/** What the worker made of a summary. */
function writtenSummary(decision: DecisionEvents): Text | undefined {
  const compacted = findData(
    eventsOfTurn(decision),
    'ConversationCompacted',
    ({ kind }) => kind === 'summary',
  );
  return compacted?.kind === 'summary' ? compacted.text : undefined;
}

/** What the worker made of a call that failed. */
function afterFailure({ events: [, next] }: DecisionEvents) {
  const notBeforeMs = next?.type === 'AgentParked' ? next.data.untilMs : undefined;
  const isOver = next?.type === 'AgentFailed' || next?.type === 'ModelChosen';
  return { final: isOver, notBeforeMs };
}

/** What its server asks settles no call. */
function isAnsweredByPeople({ stage, input }: OpenToolCall): boolean {
  return stage === 'inDoubt' || (stage === 'question' && input === undefined);
}

function toolSettled(
  state: SpawnedAgent,
  {
    toolCallId,
    content,
    isError,
    images,
    attachments,
    fromCache,
  }: AgentEventData<'ToolCallSettled'>,
  { next, ...facts }: ReplayFacts & { readonly next: LoggedEvent | undefined },
): Body | undefined {
  const call = state.toolCalls.get(toolCallId);
  const isOver = next?.type === 'AgentWoken' && next.data.reason === 'timer';
  if (call?.stage === 'question' && isOver) return { type: 'EndAwait', data: { toolCallId } };
  if (call !== undefined && isAnsweredByPeople(call)) {
    const answer = { decision: isError ? 'failed' : 'happened', text: content } as const;
    return { type: 'AnswerAgent', data: { toolCallId, answer } };
  }
  const outcome = { kind: 'settled', content, isError, images, attachments, fromCache } as const;
  return toolOutcome(state, toolCallId, outcome, facts);
}

function askedDuring(state: SpawnedAgent, toolCallId: string, request: InputRequest): Body {
  return { type: 'AskDuringCall', data: { ...tryOf(state, toolCallId), toolCallId, request } };
}

function answerIn({
  toolCallId,
  action,
  content = {},
}: AgentEventData<'ToolInputGiven'>): AgentCommandOf<'AnswerAgent'>['data'] {
  const said =
    action === 'accept'
      ? ({ decision: 'happened', text: JSON.stringify(content) } as const)
      : ({ decision: 'failed', text: action } as const);
  return { toolCallId, answer: said };
}

function toolOutcome(
  state: SpawnedAgent,
  toolCallId: string,
  outcome: Extract<AgentCommand, { type: 'RecordToolOutcome' }>['data']['outcome'],
  { context }: ReplayFacts,
): Body {
  return {
    type: 'RecordToolOutcome',
    data: { ...tryOf(state, toolCallId), toolCallId, outcome, context },
  };
}

/** What a run says its news of a call is about. */
function tryOf({ epoch, toolCalls }: SpawnedAgent, toolCallId: string) {
  return { epoch, attempt: toolCalls.get(toolCallId)?.attempt ?? 0 };
}

/** What the log says of one call of a model's answer, in the decision that recorded the answer. */
export interface RecordedCall {
  readonly settled?: AgentEventData<'ToolCallSettled'>;
  readonly reserved?: AgentEventData<'ChildReserved'>;
  readonly awaited?: AgentEventData<'AwaitStarted'>;
  readonly sent?: AgentEventData<'MessageSent'>;
  readonly subscribed?: AgentEventData<'TopicSubscribed'>;
  readonly left?: AgentEventData<'TopicLeft'>;
  readonly asked?: AgentEventData<'QuestionAsked'>;
}

/** Up to the next answer of the model. */
function eventsOfTurn({ events }: DecisionEvents): readonly LoggedEvent[] {
  const nextTurn = events.findIndex(({ type }, index) => index > 0 && type === 'ModelCallSettled');
  return nextTurn < 0 ? events : events.slice(0, nextTurn);
}

export function recordedCall(decision: DecisionEvents, toolCallId: string): RecordedCall {
  const turn = eventsOfTurn(decision);
  const isOfCall = (data: { readonly toolCallId?: string }) => data.toolCallId === toolCallId;
  const wasStarted = findData(turn, 'ToolCallStarted', isOfCall) !== undefined;
  return {
    settled: wasStarted ? undefined : findData(turn, 'ToolCallSettled', isOfCall),
    reserved: findData(turn, 'ChildReserved', isOfCall),
    awaited: findData(turn, 'AwaitStarted', isOfCall),
    sent: findData(turn, 'MessageSent', isOfCall),
    subscribed: findData(turn, 'TopicSubscribed', isOfCall),
    left: findData(turn, 'TopicLeft', isOfCall),
    asked: findData(turn, 'QuestionAsked', isOfCall),
  };
}
