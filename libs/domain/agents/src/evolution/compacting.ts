import type { AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';
import { compacted } from '../compaction/compacted.js';
import { chained, type Sha256 } from './conversing.js';

/** The hash is that of an agent that was told no more than this in the first place: a fork asks the same requests. */
export function conversationCompacted(
  state: SpawnedAgent,
  data: AgentEventData<'ConversationCompacted'>,
  sha256: Sha256,
): SpawnedAgent {
  const told = compacted(state, data);
  const conversationHash = told.conversation.reduce(
    (hash, entry) => chained(hash, entry, sha256),
    '',
  );
  const compactions = (state.compactions ?? 0) + 1;
  return { ...state, ...told, conversationHash, compactions };
}
