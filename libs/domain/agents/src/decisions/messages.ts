import { rejection, type AgentEvent } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision } from '@skynet/kernel';
import type { AgentCommandOf } from '../agent/agent-command.js';
import { isLive, isSpawned, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';
import { textBytes } from '../agent/conversation.js';
import { endMetAwaits, wakeIfDone } from './awaiting.js';
import { Draft, type Rules } from './draft.js';

/** What an agent may have and not have read. */
const MAX_UNREAD = 100;
const MAX_UNREAD_BYTES = 256 * 1024;

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
  const { unread } = state;
  const bytes = unread.reduce((sum, { text }) => sum + textBytes(text), textBytes(data.text));
  if (unread.length >= MAX_UNREAD || bytes > MAX_UNREAD_BYTES) {
    return reject(rejection('LIMIT_MESSAGES', `${agentId} has ${unread.length} unread messages`));
  }
  const draft = new Draft(state, rules, command.nowMs).add('MessageReceived', data);
  endMetAwaits(draft);
  wakeIfDone(draft, 'message');
  return accept(...draft.events);
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
