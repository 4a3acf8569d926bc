import { rejection, type AgentEvent, type AgentEventData } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision } from '@skynet/kernel';
import type { AgentCommandOf } from '../agent/agent-command.js';
import { isForMessage, isLive, isSpawned, type AgentState } from '../agent/agent-state.js';
import type { UnreadMessage } from '../agent/message-text.js';

/**
 * A short history is one commit. A long one takes several; until the last the agent is paused, so that nobody runs it on half
 * of what it is to know.
 */
export function fork(
  command: AgentCommandOf<'ForkAgent'>,
  state: AgentState,
): Decision<AgentEvent> {
  const { spawned, parts } = command.data;
  const [first] = parts;
  if (state.phase === 'absent') {
    const begin: AgentEvent = { type: 'AgentSpawned', data: spawned };
    if (first === undefined || parts.length === 1) {
      return accept(begin, ...shared(first), ...completed(command, []));
    }
    const paused: AgentEvent = { type: 'AgentPaused', data: {} };
    return accept(begin, paused, ...shared(first));
  }
  if (!isSpawned(state)) {
    return reject(rejection('AGENT_REFUSED', `${spawned.agentId} was refused: ${state.reason}`));
  }
  if (state.spawned.spec.argsHash !== spawned.spec.argsHash) {
    const message = `${spawned.agentId} was made with other arguments`;
    return reject(rejection('IDEMPOTENCY_CONFLICT', message));
  }
  if (state.sharedParts === undefined || !isLive(state)) return nothingToDo();
  const next = parts[state.sharedParts];
  const isLast = state.sharedParts >= parts.length - 1;
  if (!isLast) return accept(...shared(next));
  const resumed: AgentEvent = { type: 'AgentResumed', data: {} };
  return accept(...shared(next), ...completed(command, state.unread), resumed);
}

function shared(
  part: AgentCommandOf<'ForkAgent'>['data']['parts'][number] | undefined,
): AgentEvent[] {
  return part === undefined ? [] : [{ type: 'HistoryShared', data: part }];
}

/** `said`: to the agent itself, while it got its history. */
function completed(
  { data }: AgentCommandOf<'ForkAgent'>,
  said: readonly UnreadMessage[],
): AgentEvent[] {
  return [
    { type: 'AgentForked', data: data.forked },
    ...retried(data),
    ...data.reserved.map((child) => ({ type: 'ChildReserved', data: child }) as const),
    ...endedAwaits(data.forked, said),
  ];
}

function retried({ retryOf }: AgentCommandOf<'ForkAgent'>['data']): AgentEvent[] {
  return retryOf === undefined ? [] : [{ type: 'RetryStarted', data: { retryOf } }];
}

/** What the other agent waited for, where that has been said to this one. */
function endedAwaits(
  { awaits, message, unread = [] }: AgentEventData<'AgentForked'>,
  said: readonly UnreadMessage[],
): AgentEvent[] {
  const messages = [...unread, ...said];
  const isTold = message !== undefined || messages.length > 0;
  const isInterrupted = messages.some(({ interrupts }) => interrupts);
  return awaits
    .filter((open) => isInterrupted || (isTold && isForMessage(open)))
    .map(({ toolCallId }) => ({ type: 'AwaitEnded', data: { toolCallId, reason: 'message' } }));
}
