import type { RunContext } from '../agent/agent-command.js';
import {
  isForMessage,
  isUnderWay,
  modelOf,
  type OpenModelCall,
  type OpenToolCall,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import { nextCompaction } from '../compaction/next-compaction.js';
import { summariserOf } from '../compaction/summariser.js';
import { SUMMARY_REQUEST_BYTES } from '../compaction/request-size.js';
import { affordableCall, type Affordable } from './budget.js';
import type { Draft } from './draft.js';
import { partialOf } from './ending.js';
import { withMessagesRead } from '../evolution/messages.js';

/**
 * What a running agent does next, once nothing is under way: start the calls that were asked for, park when only
 * waits are left, give the slot back when paused, else ask the model.
 */
export function nextStep(draft: Draft, context: RunContext): void {
  const { state } = draft;
  if (state.phase !== 'running' || isBusy(state)) return;
  const asked = askedCalls(state);
  if (asked.length === 0 && isWaiting(state)) {
    draft.add('AgentParked', { waitingFor: waitOf(state) });
  } else if (state.paused || context.draining !== undefined) {
    yieldRun(draft, context);
  } else if (asked.length > 0) {
    startToolCalls(draft, asked, context);
  } else {
    startModelCall(draft, context);
  }
}

function waitOf(state: SpawnedAgent): 'input' | 'message' | 'children' {
  if (needsAnswers(state)) return 'input';
  return [...state.awaits.values()].every(isForMessage) ? 'message' : 'children';
}

function yieldRun(draft: Draft, { draining }: RunContext): void {
  const { epoch, paused } = draft.state;
  if (draining === 'keep') return;
  draft.add('RunYielded', { epoch, reason: paused ? 'paused' : 'handover' });
}

/** Of people. */
function needsAnswer({ stage }: OpenToolCall): boolean {
  return stage === 'inDoubt' || stage === 'question';
}

export function needsAnswers(state: SpawnedAgent): boolean {
  return [...state.toolCalls.values()].some(needsAnswer);
}

export function isWaiting(state: SpawnedAgent): boolean {
  return state.awaits.size > 0 || needsAnswers(state) || state.wakeAtMs !== undefined;
}

function isBusy(state: SpawnedAgent): boolean {
  if (state.modelCall !== undefined) return true;
  return [...state.toolCalls.values()].some(isUnderWay);
}

function askedCalls(state: SpawnedAgent): [string, OpenToolCall][] {
  return [...state.toolCalls].filter(
    ([id, call]) => call.stage === 'asked' && !state.awaits.has(id),
  );
}

/** A tool that is not on offer any more counts as one whose effects nobody vouches for. */
function startToolCalls(
  draft: Draft,
  calls: readonly [string, OpenToolCall][],
  context: RunContext,
): void {
  for (const [toolCallId, { name, attempt }] of calls) {
    const recovery = context.recoveries[name] ?? 'ask';
    draft.add('ToolCallStarted', { toolCallId, attempt: attempt + 1, recovery });
  }
}

/** As it is once the request has been asked: with all that was said to the agent. */
function asRead({ state, rules }: Draft): SpawnedAgent {
  return withMessagesRead(state, rules.sha256);
}

/** Makes the conversation fit the window of its model. False: the next answer is not to be asked for. */
function makeRoom(draft: Draft, context: RunContext): boolean {
  const { contextTokens, promptBytes } = context;
  if (contextTokens === undefined) return true;
  for (;;) {
    const state = asRead(draft);
    const by = summariserOf(state, promptBytes);
    const summary = affordableSummary(by, promptBytes);
    const room = { contextTokens, promptBytes, maySummarise: summary !== undefined };
    const next = nextCompaction(state, room);
    switch (next.kind) {
      case 'none':
        return true;
      case 'full':
        failFull(draft);
        return false;
      case 'summary':
        if (summary !== undefined)
          ask(draft, context, { ...summary, summaryFor: contextTokens, by });
        return false;
      case 'results':
        draft.add('ConversationCompacted', { ...next, contextTokens });
    }
  }
}

type Asked = Exclude<Affordable, { readonly kind: 'none' }>;
type Asks = Pick<Asked, 'kind' | 'maxTokens' | 'held'>;

function affordableSummary(state: SpawnedAgent, promptBytes: number): Asked | undefined {
  const bytes = promptBytes + state.conversationBytes + SUMMARY_REQUEST_BYTES;
  const call = affordableCall(state, bytes);
  return call.kind === 'turn' ? call : undefined;
}

function failFull(draft: Draft): void {
  const { state } = draft;
  const message = `the request does not fit the context of ${modelOf(state).id}`;
  draft.add('AgentFailed', {
    failure: { reason: 'CONTEXT_FULL', message, retryable: false },
    ...partialOf(state),
  });
}

function startModelCall(draft: Draft, context: RunContext): void {
  if (context.tools !== undefined) draft.add('ToolsOffered', context.tools);
  if (draft.nowMs >= draft.state.spawned.limits.deadlineMs) {
    draft.add('AgentExpired', partialOf(draft.state));
    return;
  }
  takeModel(draft, context);
  if (!makeRoom(draft, context)) return;
  const state = asRead(draft);
  const call = affordableCall(state, context.promptBytes + state.conversationBytes);
  if (call.kind === 'none') {
    draft.add('AgentExhausted', { limit: call.limit, ...partialOf(state) });
    return;
  }
  ask(draft, context, call);
}

/** The model that the worker has chosen, unless the agent has it by now. */
export function takeModel(draft: Draft, { model: chosen }: RunContext): void {
  if (chosen !== undefined && chosen.model.id !== modelOf(draft.state).id)
    draft.add('ModelChosen', chosen);
}

interface AskedOf extends Asks, Pick<OpenModelCall, 'summaryFor'> {
  /** Default: the agent itself. */
  readonly by?: SpawnedAgent;
}

function ask(
  draft: Draft,
  { promptHash }: RunContext,
  { kind, maxTokens, held, summaryFor, by }: AskedOf,
): void {
  const state = asRead(draft);
  const { conversationHash, failedAttempts, modelCalls } = state;
  const { id: model, temperature = null } = modelOf(by ?? state);
  const windDown = kind === 'windDown';
  const isSummary = summaryFor !== undefined;
  const request = [conversationHash, promptHash, model, temperature, maxTokens, windDown];
  draft.add('ModelCallStarted', {
    callId: `m${modelCalls + 1}`,
    attempt: failedAttempts + 1,
    model,
    maxTokens,
    windDown,
    held,
    requestHash: draft.rules.sha256(
      JSON.stringify(isSummary ? [...request, 'compaction'] : request),
    ),
    ...(isSummary && { purpose: 'compaction', contextTokens: summaryFor }),
  });
}
