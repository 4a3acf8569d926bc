import type { RunContext } from '../agent/agent-command.js';
import type { OpenToolCall, SpawnedAgent } from '../agent/agent-state.js';
import { nextCompaction } from '../compaction/next-compaction.js';
import { affordableCall } from './budget.js';
import type { Draft } from './draft.js';
import { partialOf } from './ending.js';

/**
 * What a running agent does next, once nothing is under way: start the calls that were asked for, park when only
 * waits are left, give the slot back when paused, else ask the model.
 */
export function nextStep(draft: Draft, context: RunContext): void {
  const { state } = draft;
  if (state.phase !== 'running' || isBusy(state)) return;
  const asked = askedCalls(state);
  if (asked.length === 0 && isWaiting(state)) {
    const waitingFor = hasDoubts(state) ? 'input' : 'children';
    draft.add('AgentParked', { waitingFor });
  } else if (state.paused || context.draining !== undefined) {
    yieldRun(draft, context);
  } else if (asked.length > 0) {
    startToolCalls(draft, asked, context);
  } else {
    startModelCall(draft, context);
  }
}

function yieldRun(draft: Draft, { draining }: RunContext): void {
  const { epoch, paused } = draft.state;
  if (draining === 'keep') return;
  draft.add('RunYielded', { epoch, reason: paused ? 'paused' : 'handover' });
}

export function hasDoubts(state: SpawnedAgent): boolean {
  return [...state.toolCalls.values()].some((call) => call.stage === 'inDoubt');
}

export function isWaiting(state: SpawnedAgent): boolean {
  return state.awaits.size > 0 || hasDoubts(state) || state.wakeAtMs !== undefined;
}

function isBusy(state: SpawnedAgent): boolean {
  if (state.modelCall !== undefined) return true;
  return [...state.toolCalls.values()].some((call) => call.stage === 'started');
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

/** Leaves out of the conversation what the model's window has no room for. False: it can not be asked. */
function makeRoom(draft: Draft, { contextTokens, promptBytes }: RunContext): boolean {
  if (contextTokens === undefined) return true;
  for (;;) {
    const next = nextCompaction(draft.state, { contextTokens, promptBytes });
    if (next.kind === 'none') return true;
    if (next.kind === 'full') break;
    draft.add('ConversationCompacted', { ...next, contextTokens });
  }
  const { state } = draft;
  const message = `the request does not fit the context of ${state.spawned.spec.model.id}`;
  draft.add('AgentFailed', {
    failure: { reason: 'CONTEXT_FULL', message, retryable: false },
    ...partialOf(state),
  });
  return false;
}

function startModelCall(draft: Draft, context: RunContext): void {
  if (context.tools !== undefined) draft.add('ToolsOffered', context.tools);
  const { spawned } = draft.state;
  if (draft.nowMs >= spawned.limits.deadlineMs) {
    draft.add('AgentExpired', partialOf(draft.state));
    return;
  }
  if (!makeRoom(draft, context)) return;
  const { state } = draft;
  const { model } = spawned.spec;
  const call = affordableCall(state, context.promptBytes + state.conversationBytes);
  if (call.kind === 'none') {
    draft.add('AgentExhausted', { limit: call.limit, ...partialOf(state) });
    return;
  }
  const { maxTokens, held } = call;
  const windDown = call.kind === 'windDown';
  draft.add('ModelCallStarted', {
    callId: `m${state.modelCalls + 1}`,
    attempt: state.failedAttempts + 1,
    model: model.id,
    maxTokens,
    windDown,
    held,
    requestHash: draft.rules.sha256(
      JSON.stringify([
        state.conversationHash,
        context.promptHash,
        model.id,
        model.temperature ?? null,
        maxTokens,
        windDown,
      ]),
    ),
  });
}
