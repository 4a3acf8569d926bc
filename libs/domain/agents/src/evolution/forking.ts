import type { AgentEventData } from '@skynet/contracts';
import type { Child, OpenToolCall, SpawnedAgent } from '../agent/agent-state.js';
import { remember, toldWhenFree, type Sha256 } from './conversing.js';

/** What was said and what ended children left; what it cost was the other agent's. */
export function historyShared(
  state: SpawnedAgent,
  { conversation, children }: AgentEventData<'HistoryShared'>,
  sha256: Sha256,
): SpawnedAgent {
  let after: SpawnedAgent = { ...state, sharedParts: (state.sharedParts ?? 0) + 1 };
  for (const entry of conversation) {
    after = { ...after, ...remember(after, entry, sha256) };
    if (entry.kind === 'answer' && entry.text !== '') after = { ...after, lastText: entry.text };
  }
  if (children.length === 0) return after;
  const known = new Map(state.children);
  for (const { childId, ...child } of children) known.set(childId, child satisfies Child);
  return { ...after, children: known };
}

export function agentForked(
  state: SpawnedAgent,
  data: AgentEventData<'AgentForked'>,
  sha256: Sha256,
): SpawnedAgent {
  const { modelCalls, toolCalls, awaits, message, unread: shared = [], topics } = data;
  const { sharedParts: _complete, ...rest } = state;
  const open = toolCalls.map(({ toolCallId, ...call }): [string, OpenToolCall] => [
    toolCallId,
    call,
  ]);
  const forked: SpawnedAgent = {
    ...rest,
    modelCalls,
    toolCalls: new Map(open),
    awaits: new Map(awaits.map((one) => [one.toolCallId, one])),
    // A long history is shared in parts, and messages may have come since.
    unread: [...shared, ...state.unread],
    ...(topics !== undefined && { topics }),
  };
  if (message === undefined) return forked;
  if (shared.length === 0) return toldWhenFree({ ...forked, message }, sha256);
  // It was said after what the other agent had not read.
  const last = { id: 'fork', from: { kind: 'client' }, text: message, interrupts: false } as const;
  return { ...forked, unread: [...shared, last, ...state.unread] };
}
