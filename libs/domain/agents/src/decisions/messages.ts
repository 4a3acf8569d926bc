import {
  rejection,
  type AgentEvent,
  type AgentEventData,
  type AgentId,
  type ErrorCode,
} from '@skynet/contracts';
import {
  accept,
  isRefused,
  nothingToDo,
  reject,
  type Decision,
  type Rejection,
} from '@skynet/kernel';
import type { AgentCommandOf, RequestedCall } from '../agent/agent-command.js';
import {
  isLive,
  isSpawned,
  liveChildren,
  type AgentState,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import { textBytes } from '../agent/conversation.js';
import { isWide, TOPIC } from '../agent/message-text.js';
import { endMetAwaits, wakeIfDone } from './awaiting.js';
import { Draft, type Rules } from './draft.js';

/** What an agent may have and not have read. */
const MAX_UNREAD = 100;
const MAX_UNREAD_BYTES = 256 * 1024;
/** Told by one message. */
const MAX_SIBLINGS = 64;
const MAX_OTHERS = 128;
/** Of one agent. */
const MAX_TOPICS = 16;

/** Each message is received once; one that is not to wait ends the agent's waits for children. */
export function receiveMessage(
  command: AgentCommandOf<'SendAgentMessage'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { data } = command;
  if (!isSpawned(state)) return reject(rejection('AGENT_NOT_FOUND', 'There is no such agent.'));
  if (state.handled.has(command.id)) return again(command, state);
  const { agentId } = state.spawned;
  if (!isLive(state)) {
    return reject(rejection('AGENT_ALREADY_ENDED', `${agentId} is ${state.phase}`));
  }
  const draft = new Draft(state, rules, command.nowMs);
  const refused = tell(draft, data);
  return refused === undefined ? accept(...draft.events) : reject(refused);
}

/** To a whole tree: the root is told, and the log says whom else. */
export function broadcast(
  command: AgentCommandOf<'BroadcastMessage'>,
  state: AgentState,
  rules: Rules,
): Decision<AgentEvent> {
  const { messageId, text, interrupts, principal } = command.data;
  const from = { kind: 'client', principal } as const;
  const data = { messageId, from, text, interrupts };
  const told = receiveMessage({ ...command, type: 'SendAgentMessage', data }, state, rules);
  if (isRefused(told) || told.events.length === 0) return told;
  return accept({ type: 'MessageBroadcast', data: command.data }, ...told.events);
}

/** The agent has the message from here on, or takes no more. */
export function tell(
  draft: Draft,
  data: AgentEventData<'MessageReceived'>,
): Rejection<ErrorCode> | undefined {
  const { spawned, unread } = draft.state;
  const bytes = unread.reduce((sum, { text }) => sum + textBytes(text), textBytes(data.text));
  if (unread.length >= MAX_UNREAD || bytes > MAX_UNREAD_BYTES) {
    const message = `${spawned.agentId} has ${unread.length} unread messages`;
    return rejection('LIMIT_MESSAGES', message);
  }
  draft.add('MessageReceived', data);
  endMetAwaits(draft);
  wakeIfDone(draft, 'message');
  return undefined;
}

/** The same id stands for one text, as far as the agent still knows it. */
function again(
  { data }: AgentCommandOf<'SendAgentMessage'>,
  { conversation, spawned, unread }: SpawnedAgent,
): Decision<AgentEvent> {
  const { messageId } = data;
  const known =
    unread.find(({ id }) => id === messageId) ??
    conversation.find((entry) => entry.kind === 'message' && entry.id === messageId);
  const isSame =
    known === undefined ||
    ('text' in known && JSON.stringify(known.text) === JSON.stringify(data.text));
  if (isSame) return nothingToDo();
  const message = `${spawned.agentId} was sent another message with this key`;
  return reject(rejection('IDEMPOTENCY_CONFLICT', message));
}

type MessageCall = Extract<RequestedCall, { readonly kind: 'message' }>;

/** Whoever reads the log has it told; what is known to reach nobody is said at once. */
export function sendMessage(draft: Draft, asked: MessageCall): void {
  const { call, to, text, interrupts } = asked;
  const { agentId } = draft.state.spawned;
  const toolCallId = call.id;
  const receivers = receiversOf(draft.state, asked);
  if (typeof receivers === 'string') {
    draft.add('ToolCallSettled', { toolCallId, content: receivers, isError: true });
    return;
  }
  const messageId = `${agentId}:${toolCallId}`;
  const { ended = [] } = asked;
  draft.add('MessageSent', {
    ...{ messageId, toolCallId, to: receivers, text, interrupts },
    ...(isWide(to) && { sentTo: to }),
    ...(ended.length > 0 && { ended: [...ended] }),
  });
  const content = to === 'siblings' || isWide(to) ? `ok, to ${receivers.join(', ')}` : 'ok';
  draft.add('ToolCallSettled', { toolCallId, content: content + left(ended), isError: false });
}

function left(ended: readonly AgentId[]): string {
  return ended.length === 0 ? '' : `; ended, not told: ${ended.join(', ')}`;
}

/** Or why there are none. */
function receiversOf(state: SpawnedAgent, asked: MessageCall): AgentId[] | string {
  const { to, siblings } = asked;
  const { parentId } = state.spawned;
  if (isWide(to)) return othersThat(state, asked);
  if (to === 'parent' || to === parentId) {
    return parentId === undefined ? 'You have no parent.' : [parentId];
  }
  const living = liveChildren(state).map(([id]) => id);
  if (to === 'children') return living.length === 0 ? 'None of your children runs.' : living;
  const known = [...state.children.keys()].find((id) => id === to);
  if (known === undefined) return siblingsThat(to, siblings ?? []);
  return living.includes(known) ? [known] : `${to} has ended.`;
}

function siblingsThat(to: string, siblings: readonly AgentId[]): AgentId[] | string {
  const meant = siblings.filter((id) => to === 'siblings' || id === to);
  if (meant.length > MAX_SIBLINGS) {
    return `TOO_MANY_RECEIVERS: ${meant.length} siblings run, at most ${MAX_SIBLINGS} are told at once. Tell your parent.`;
  }
  if (meant.length > 0) return meant;
  return to === 'siblings'
    ? 'No sibling of yours runs.'
    : `${to} is neither parent, children nor siblings, and none of them that runs.`;
}

/** Children that were reserved in this very turn belong to the tree, too. */
function othersThat(state: SpawnedAgent, { to, others = [] }: MessageCall): AgentId[] | string {
  const own = to === 'tree' ? liveChildren(state).map(([id]) => id) : [];
  const meant = [...new Set([...others, ...own])];
  if (meant.length > MAX_OTHERS) {
    return `TOO_MANY_RECEIVERS: ${meant.length} agents, at most ${MAX_OTHERS} are told at once. Tell fewer.`;
  }
  if (meant.length > 0) return meant;
  return to === 'tree'
    ? 'Nobody else of your tree runs.'
    : `Nobody else that runs has subscribed to ${to.slice(TOPIC.length)}.`;
}

type TopicCall = Extract<RequestedCall, { readonly kind: 'topic' }>;

/** The agent is told what is sent to the topic, or is not any more; a repeat changes nothing. */
export function changeTopic(draft: Draft, { call, topic, isLeft }: TopicCall): void {
  const known = draft.state.topics ?? [];
  const toolCallId = call.id;
  const isChange = known.includes(topic) === isLeft;
  if (isChange && !isLeft && known.length >= MAX_TOPICS) {
    const content = `LIMIT_TOPICS: you have ${known.length}, as many as you may. Leave one of ${known.join(', ')}.`;
    draft.add('ToolCallSettled', { toolCallId, content, isError: true });
    return;
  }
  if (isChange) draft.add(isLeft ? 'TopicLeft' : 'TopicSubscribed', { toolCallId, topic });
  const content = `ok, your topics: ${draft.state.topics?.join(', ') ?? ''}`;
  draft.add('ToolCallSettled', { toolCallId, content, isError: false });
}
