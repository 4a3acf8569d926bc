import type { AgentStateView, Said, Text } from '@skynet/contracts';
import {
  available,
  isForMessage,
  isLive,
  isSpawned,
  labelledMessage,
  liveChildren,
  modelOf,
  statusOf,
  type AgentState,
  type ConversationEntry,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import type { StoredEvent } from '@skynet/platform';
import { bytesOnPage, PAGE_MAX_BYTES } from './page-room.js';

type Read = (text: Text) => Promise<string>;

export interface ViewOptions {
  /** Events in the stream now. */
  readonly events: number;
  readonly last: StoredEvent;
  readonly conversationFrom?: number;
  readonly textChars: number;
  readonly read: Read;
}

/** The other half is for what else there is of an agent. */
const CONVERSATION_MAX_BYTES = PAGE_MAX_BYTES / 2;

/** The state of an agent as people read it; undefined for an agent that never was. */
export async function stateView(
  state: AgentState,
  options: ViewOptions,
): Promise<AgentStateView | undefined> {
  if (!isSpawned(state)) return undefined;
  const { agentId, rootId, spec } = state.spawned;
  const { type, timeMs, revision } = options.last;
  return {
    agentId,
    rootId,
    at: revision + 1,
    events: options.events,
    last: { type, timeMs },
    status: statusOf(state),
    model: modelOf(state).id,
    task: cut(await options.read(spec.task.description), options.textChars),
    epoch: state.epoch,
    turns: state.conversation.filter(({ kind }) => kind === 'answer').length,
    budget: budgetOf(state),
    ...openWorkOf(state),
    next: nextOf(state),
    ...(await conversationOf(state, options)),
  };
}

function budgetOf(state: SpawnedAgent): AgentStateView['budget'] {
  const { limits } = state.spawned;
  const held = state.modelCall?.held;
  const children = liveChildren(state).map(([, child]) => child.limits);
  const sum = (amount: 'tokens' | 'costMicroUsd' | 'descendants') =>
    children.reduce((all, own) => all + own[amount], 0);
  return {
    limits,
    spent: state.spent,
    setAside: {
      tokens: sum('tokens'),
      costMicroUsd: sum('costMicroUsd'),
      descendants: sum('descendants') + children.length,
    },
    held: {
      tokens: held === undefined ? 0 : held.inputTokens + held.outputTokens,
      costMicroUsd: held?.costMicroUsd ?? 0,
      descendants: 0,
    },
    left: available(state),
  };
}

function openWorkOf(state: SpawnedAgent) {
  return {
    children: [...state.children].map(([agentId, { ended }]) => ({
      agentId,
      status: ended?.status ?? 'live',
    })),
    waits: [...state.awaits.values()].map(({ toolCallId, childIds, needed }) => ({
      toolCallId,
      childIds,
      needed,
    })),
    ...(state.modelCall === undefined ? {} : { modelCall: state.modelCall.callId }),
    toolCalls: [...state.toolCalls].map(([id, { name, stage, attempt }]) => ({
      id,
      name,
      stage,
      attempt,
    })),
  };
}

function nextOf(state: SpawnedAgent): string {
  if (!isLive(state)) return `nothing: it is ${state.phase}`;
  if (state.paused) return 'nothing until it is resumed';
  if (state.phase === 'queued') return 'waits for a slot';
  if (state.phase === 'admitted') return 'waits for a worker';
  const doubts = [...state.toolCalls].filter(
    ([, { stage }]) => stage === 'inDoubt' || stage === 'question',
  );
  if (doubts.length > 0) return `waits for an answer about ${doubts.map(([id]) => id).join(', ')}`;
  if (state.modelCall !== undefined) return `waits for the model, call ${state.modelCall.callId}`;
  const started = [...state.toolCalls].filter(([, { stage }]) => stage === 'started');
  if (started.length > 0) return `waits for ${started.map(([, { name }]) => name).join(', ')}`;
  if (state.awaits.size > 0) return waitOf(state);
  return state.toolCalls.size > 0 ? 'starts the calls that were asked for' : 'asks the model';
}

function waitOf({ awaits }: SpawnedAgent): string {
  return `waits for ${[...awaits.values()].every(isForMessage) ? 'a message' : 'children'}`;
}

async function conversationOf(
  { conversation }: SpawnedAgent,
  { conversationFrom, textChars, read }: ViewOptions,
): Promise<Pick<AgentStateView, 'conversation' | 'conversationFrom' | 'conversationLength'>> {
  const said: Said[] = [];
  const isBackwards = conversationFrom === undefined;
  const step = isBackwards ? -1 : 1;
  let at = conversationFrom ?? conversation.length - 1;
  let bytes = 0;
  for (let entry = conversation[at]; entry !== undefined; entry = conversation[at]) {
    const shown = await shownEntry(entry, async (text) => cut(await read(text), textChars));
    bytes += bytesOnPage(shown);
    if (bytes > CONVERSATION_MAX_BYTES && said.length > 0) break;
    said.push(shown);
    at += step;
  }
  return {
    conversation: isBackwards ? said.reverse() : said,
    conversationFrom: isBackwards ? conversation.length - said.length : conversationFrom,
    conversationLength: conversation.length,
  };
}

async function shownEntry(entry: ConversationEntry, read: Read): Promise<Said> {
  switch (entry.kind) {
    case 'answer': {
      const calls = await Promise.all(
        entry.toolCalls.map(async (call) => ({ ...call, arguments: await read(call.arguments) })),
      );
      return { by: 'model', text: await read(entry.text), ...(calls.length > 0 && { calls }) };
    }
    case 'toolResult': {
      const { toolCallId, isError } = entry;
      return { by: 'tool', toolCallId, text: await read(entry.content), isError };
    }
    case 'message': {
      const text = await read(entry.text);
      const { from } = entry;
      return { by: 'caller', text: from === undefined ? text : labelledMessage(from, text) };
    }
    case 'childReports': {
      const lines = await Promise.all(
        entry.reports.map(async ({ agentId, status, output, failure }) => {
          const told = output === undefined ? (failure?.message ?? '') : await read(output);
          return `${agentId} ${status}: ${told}`;
        }),
      );
      return { by: 'children', toolCallId: entry.toolCallId, text: lines.join('\n') };
    }
  }
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars)}… (${text.length} characters)`;
}
