import type { AgentEventData, AgentId } from '@skynet/contracts';
import type { InputRequest, RequestedCall } from '../agent/agent-command.js';
import {
  isForMessage,
  type OpenAwait,
  type OpenToolCall,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import type { Draft } from './draft.js';
import { isWaiting } from './next-step.js';

type AwaitCall = Extract<RequestedCall, { readonly kind: 'await' }>;

/** Opens an await, and closes it at once when enough children have already ended. */
export function startAwait(draft: Draft, request: AwaitCall): void {
  const { call, mode, deadlineMs } = request;
  const childIds = [...(request.childIds ?? uncollected(draft.state))];
  const strangers = childIds.filter((id) => !draft.state.children.has(id));
  if (strangers.length > 0) {
    draft.add('ToolCallSettled', {
      toolCallId: call.id,
      content: `Not children of this agent: ${strangers.join(', ')}. Leave ids out to await all.`,
      isError: true,
    });
    return;
  }
  draft.add('AwaitStarted', {
    toolCallId: call.id,
    childIds,
    mode,
    needed: neededOf(request, childIds.length),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  endMetAwaits(draft);
}

function neededOf(request: AwaitCall, children: number): number {
  const wanted = { all: children, any: 1, quorum: request.quorum ?? children }[request.mode];
  return Math.min(wanted, children);
}

function uncollected(state: SpawnedAgent): AgentId[] {
  return [...state.children].filter(([, child]) => !child.collected).map(([id]) => id);
}

function isMet(state: SpawnedAgent, open: OpenAwait): boolean {
  const ended = open.childIds.filter((id) => state.children.get(id)?.ended !== undefined);
  return ended.length >= open.needed;
}

/** Waits for a message, unless there is one. */
export function awaitMessage(
  draft: Draft,
  { call, deadlineMs }: Extract<RequestedCall, { readonly kind: 'awaitMessage' }>,
): void {
  const wait = { toolCallId: call.id, childIds: [], mode: 'any', needed: 1 } as const;
  draft.add('AwaitStarted', {
    ...wait,
    childIds: [],
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  endMetAwaits(draft);
}

/** Waits for people. */
export function askPeople(
  draft: Draft,
  { call, question, choices, deadlineMs }: Extract<RequestedCall, { readonly kind: 'ask' }>,
): void {
  draft.add('QuestionAsked', {
    toolCallId: call.id,
    question,
    ...(choices === undefined ? {} : { choices: [...choices] }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
}

/** Most times that the server of one call may ask. */
export const MAX_INPUT_ROUNDS = 10;

/** People are asked what a server wants to know. */
export function requireInput(
  draft: Draft,
  { requests, ...data }: AgentEventData<'ToolInputRequired'>,
): void {
  draft.add('ToolInputRequired', { ...data, requests });
  askNext(draft, data.toolCallId);
}

/** The request of the call that nobody has answered yet. */
export function openRequest({ input }: OpenToolCall): InputRequest | undefined {
  return input?.requests[input.given.length];
}

export function askNext(draft: Draft, toolCallId: string): void {
  const call = draft.state.toolCalls.get(toolCallId);
  const next = call && openRequest(call);
  if (next === undefined) return;
  const { question, choices } = next;
  draft.add('QuestionAsked', { toolCallId, question, ...(choices !== undefined && { choices }) });
}

/** Ends awaits for which enough have ended, those for a message where there is one, and all for one that is not to wait. */
export function endMetAwaits(draft: Draft): void {
  const { unread } = draft.state;
  const isInterrupted = unread.some(({ interrupts }) => interrupts);
  for (const open of [...draft.state.awaits.values()]) {
    const { toolCallId } = open;
    if (isMet(draft.state, open)) draft.add('AwaitEnded', { toolCallId, reason: 'met' });
    else if (isInterrupted || (isForMessage(open) && unread.length > 0))
      draft.add('AwaitEnded', { toolCallId, reason: 'message' });
  }
}

/** Back to the queue when a parked agent has nothing left to wait for. */
export function wakeIfDone(draft: Draft, reason: AgentEventData<'AgentWoken'>['reason']): void {
  if (draft.state.phase === 'waiting' && !isWaiting(draft.state)) {
    draft.add('AgentWoken', { reason });
  }
}
