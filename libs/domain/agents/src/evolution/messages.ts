import type { AgentEvent, AgentEventData } from '@skynet/contracts';
import type { SpawnedAgent } from '../agent/agent-state.js';
import { entryBytes, type ConversationEntry } from '../agent/conversation.js';
import { shownName, type Sender, type UnreadMessage } from '../agent/message-text.js';
import { remember, type Sha256 } from './conversing.js';

export function messageReceived(
  state: SpawnedAgent,
  { messageId: id, from, text, interrupts }: AgentEventData<'MessageReceived'>,
): SpawnedAgent {
  const message = { id, from: senderOf(state, from), text, interrupts };
  return { ...state, unread: [...state.unread, message] };
}

function senderOf(
  { spawned, children }: SpawnedAgent,
  from: AgentEventData<'MessageReceived'>['from'],
): Sender {
  if (from.kind === 'client') return { kind: 'client' };
  const { agentId, name, sentTo } = from;
  const beside = sentTo === undefined ? 'sibling' : 'tree';
  const below = children.has(agentId) ? 'child' : beside;
  const is = agentId === spawned.parentId ? 'parent' : below;
  return {
    ...{ kind: 'agent', agentId, is },
    ...(name !== undefined && { name: shownName(name) }),
    ...(sentTo !== undefined && { sentTo }),
  };
}

/** Every message has become a part of the conversation. */
export function withMessagesRead(state: SpawnedAgent, sha256: Sha256): SpawnedAgent {
  if (state.unread.length === 0) return state;
  let after: SpawnedAgent = { ...state, unread: [] };
  for (const message of state.unread) {
    after = { ...after, ...remember(after, entryOf(message), sha256) };
  }
  return after;
}

function entryOf({ id, from, text }: UnreadMessage): ConversationEntry {
  return { kind: 'message', id, from, text };
}

/** Upper bound of what messages add to the conversation when they are read, UTF-8 bytes. */
export function unreadBytes({ unread }: Pick<SpawnedAgent, 'unread'>): number {
  return unread.reduce((sum, message) => sum + entryBytes(entryOf(message)), 0);
}

export function topicsChanged(
  state: SpawnedAgent,
  { type, data: { topic } }: Extract<AgentEvent, { type: 'TopicSubscribed' | 'TopicLeft' }>,
): SpawnedAgent {
  const others = (state.topics ?? []).filter((known) => known !== topic);
  return { ...state, topics: type === 'TopicLeft' ? others : [...others, topic] };
}
