import type { AgentEventData } from '@skynet/contracts';
import { unreachable } from '@skynet/kernel';
import type { CountedRequest, SpawnedAgent } from '../agent/agent-state.js';
import { bytesOf, type ConversationEntry } from '../agent/conversation.js';
import { withoutResults } from './left-out-results.js';

type Compaction = AgentEventData<'ConversationCompacted'>;

/** What of an agent's state is another one when its conversation is compacted. */
export type Told = Pick<SpawnedAgent, 'conversation' | 'conversationBytes' | 'counted'>;

export function compacted({ conversation, counted }: Told, compaction: Compaction): Told {
  const told = withLess(conversation, compaction);
  const conversationBytes = bytesOf(told);
  if (counted === undefined) return { conversation: told, conversationBytes };
  const entries = Math.max(0, counted.entries + told.length - conversation.length);
  const removed = bytesOf(conversation.slice(0, counted.entries)) - bytesOf(told.slice(0, entries));
  return {
    conversation: told,
    conversationBytes,
    counted: { ...withoutBytes(counted, removed), entries },
  };
}

function withLess(
  conversation: readonly ConversationEntry[],
  compaction: Compaction,
): readonly ConversationEntry[] {
  switch (compaction.kind) {
    case 'results':
      return withoutResults(conversation, compaction.entries);
    case 'summary':
      return [
        { kind: 'message', text: compaction.text },
        ...conversation.slice(compaction.entries),
      ];
    default:
      return unreachable(compaction);
  }
}

/** The rest has the tokens of its share of the bytes. */
function withoutBytes({ tokens, bytes }: CountedRequest, removed: number) {
  const left = Math.max(0, bytes - removed);
  return { tokens: Math.ceil((tokens * left) / Math.max(1, bytes)), bytes: left };
}
