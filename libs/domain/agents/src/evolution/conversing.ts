import type { AgentEventData, Usage } from '@skynet/contracts';
import type { OpenToolCall, SpawnedAgent } from '../agent/agent-state.js';
import { entryBytes, type ConversationEntry } from '../agent/conversation.js';
import { plusUsage } from '../agent/spent.js';
import { countedRequest, SUMMARY_REQUEST_BYTES } from '../compaction/request-size.js';
import { withoutEntry } from './map-changes.js';

/** Lower-case hex sha256 of UTF-8 text; handed in, since the domain has no crypto of its own. */
export type Sha256 = (text: string) => string;

/** The hash of a conversation that goes on with the entry. */
export function chained(before: string, entry: ConversationEntry, sha256: Sha256): string {
  return sha256(`${before}\n${JSON.stringify(entry)}`);
}

export function remember(
  state: SpawnedAgent,
  entry: ConversationEntry,
  sha256: Sha256,
): Pick<SpawnedAgent, 'conversation' | 'conversationBytes' | 'conversationHash'> {
  return {
    conversation: [...state.conversation, entry],
    conversationBytes: state.conversationBytes + entryBytes(entry),
    conversationHash: chained(state.conversationHash, entry, sha256),
  };
}

/** A message waits until no call is open: models take none between a call and its result. */
export function toldWhenFree(state: SpawnedAgent, sha256: Sha256): SpawnedAgent {
  if (state.message === undefined || state.toolCalls.size > 0) return state;
  const { message: text, ...rest } = state;
  return { ...rest, ...remember(state, { kind: 'message', text }, sha256) };
}

export function modelCallSettled(
  state: SpawnedAgent,
  data: AgentEventData<'ModelCallSettled'>,
  sha256: Sha256,
): SpawnedAgent {
  const { usage, outcome } = data;
  const { modelCall: _settled, ...rest } = state;
  const settled = { ...rest, spent: plusUsage(state.spent, usage) };
  if (outcome.kind === 'lost' || outcome.kind === 'interrupted') return settled;
  if (outcome.kind === 'failed' && state.modelCall?.isByOther === true) {
    return { ...settled, failedSummariser: true, runsWithoutStep: 0 };
  }
  if (outcome.kind === 'failed') {
    return { ...settled, failedAttempts: state.failedAttempts + 1, runsWithoutStep: 0 };
  }
  if (state.modelCall?.summaryFor !== undefined) return summaryWritten(settled, state, usage);
  const { text, toolCalls, thinking } = outcome;
  // The model is shown what was made of its calls.
  const said = toolCalls.map(({ id, name, arguments: json }) => ({ id, name, arguments: json }));
  const answer = { kind: 'answer', text, toolCalls: said, thinking } as const;
  const asked = toolCalls.map((call): [string, OpenToolCall] => [
    call.id,
    { name: call.name, stage: 'asked', attempt: 0 },
  ]);
  return {
    ...settled,
    ...remember(state, answer, sha256),
    ...countedAnswer(state, data, answer),
    failedAttempts: 0,
    runsWithoutStep: 0,
    toolCalls: new Map(asked),
    ...(text === '' ? {} : { lastText: text }),
  };
}

/** Nobody counted where no call was made. */
function countedAnswer(
  state: SpawnedAgent,
  { usage, fromCache }: AgentEventData<'ModelCallSettled'>,
  answer: ConversationEntry,
): Pick<SpawnedAgent, 'counted'> {
  if (fromCache !== undefined) return {};
  return countedWith(state, usage, { bytes: entryBytes(answer), entries: 1 });
}

/** It takes the place of what was said by an event of its own. */
function summaryWritten(
  settled: SpawnedAgent,
  before: SpawnedAgent,
  { inputTokens, costMicroUsd }: Usage,
): SpawnedAgent {
  const asked = { inputTokens, outputTokens: 0, costMicroUsd };
  const { failedSummariser: _over, ...rest } = settled;
  // Another model counts other tokens.
  const isOwn = before.modelCall?.isByOther !== true;
  return {
    ...rest,
    ...(isOwn && countedWith(before, asked, { bytes: -SUMMARY_REQUEST_BYTES, entries: 0 })),
    failedAttempts: 0,
    runsWithoutStep: 0,
  };
}

function countedWith(
  { conversation, modelCall }: SpawnedAgent,
  usage: Usage,
  added: { readonly bytes: number; readonly entries: number },
): Pick<SpawnedAgent, 'counted'> {
  const entries = conversation.length + added.entries;
  const counted = modelCall && countedRequest(modelCall.held, usage, { ...added, entries });
  return counted === undefined ? {} : { counted };
}

/** Models take what is wrong as something that is said to them. */
export function outputRejected(
  state: SpawnedAgent,
  { mistakes }: AgentEventData<'OutputRejected'>,
  sha256: Sha256,
): SpawnedAgent {
  const text = `Your answer does not fit the JSON Schema that was asked for:\n${mistakes}\nAnswer again with JSON alone that fits it.`;
  return { ...state, ...remember(state, { kind: 'message', text }, sha256), outputRejected: true };
}

export function toolCallSettled(
  state: SpawnedAgent,
  { toolCallId, content, isError, images, attachments }: AgentEventData<'ToolCallSettled'>,
  sha256: Sha256,
): SpawnedAgent {
  const settled = {
    ...state,
    ...remember(
      state,
      { kind: 'toolResult', toolCallId, content, isError, images, attachments },
      sha256,
    ),
    runsWithoutStep: 0,
    toolCalls: withoutEntry(state.toolCalls, toolCallId),
  };
  return toldWhenFree(settled, sha256);
}

/** The results of the awaited children become the answer to the tool call that asked for them. */
export function awaitEnded(
  state: SpawnedAgent,
  { toolCallId, reason }: AgentEventData<'AwaitEnded'>,
  sha256: Sha256,
): SpawnedAgent {
  const awaited = state.awaits.get(toolCallId)?.childIds ?? [];
  const children = new Map(state.children);
  const reports = awaited.map((agentId) => {
    const child = children.get(agentId);
    const ended = child?.ended;
    if (child === undefined || ended === undefined) return { agentId, status: 'running' };
    children.set(agentId, { ...child, collected: true });
    return { agentId, ...ended };
  });
  const settled = {
    ...state,
    ...remember(state, { kind: 'childReports', toolCallId, reason, reports }, sha256),
    children,
    awaits: withoutEntry(state.awaits, toolCallId),
    toolCalls: withoutEntry(state.toolCalls, toolCallId),
  };
  return toldWhenFree(settled, sha256);
}
