import {
  agentIdOf,
  type AgentEventData,
  type AgentId,
  type AgentSpec,
  type ClientContext,
  type Limits,
  type Text,
} from '@skynet/contracts';
import type { AgentCommandOf, SpawnedAgent } from '@skynet/domain-agents';
import { derivedId } from '@skynet/platform';
import { historyParts } from './history-parts.js';
import { spentBelow, type ForkChild, type ForkSource } from './fork-source.js';
import { renameAll, type Texts } from './renamed-texts.js';

type ForkData = AgentCommandOf<'ForkAgent'>['data'];

/** Where a fork gets its place, its means and its orders. */
export interface ForkOrder {
  readonly agentId: AgentId;
  readonly rootId: AgentId;
  readonly parentId?: AgentId;
  readonly tenant: string;
  readonly principal: string;
  readonly depth: number;
  readonly spec: AgentSpec;
  readonly limits: Limits;
  readonly message?: Text;
  /** In whose place it is. Default: in none. */
  readonly retryOf?: AgentId;
  /** Of the client that made the fork. */
  readonly context?: ClientContext;
}

/** The same fork of the same child is the same agent, whoever makes it. */
export function forkedChildId(parentId: AgentId, childId: AgentId): AgentId {
  return agentIdOf(derivedId('fork', parentId, childId));
}

/** The command that makes the fork. */
export async function forkData(
  source: ForkSource,
  { message, retryOf, ...spawned }: ForkOrder,
  texts: Texts,
): Promise<ForkData> {
  const { state, at, agentId } = source;
  const renamed = new Map(
    source.children.map(({ childId }) => [childId, forkedChildId(spawned.agentId, childId)]),
  );
  const { conversation } = state;
  const rename = <Value>(value: Value): Promise<Value> =>
    renamed.size === 0 ? Promise.resolve(value) : renameAll(value, { renamed, ...texts });
  const told = await rename(conversation);
  const unread = await rename(state.unread);
  return {
    spawned,
    parts: historyParts({ conversation: told, children: endedChildren(state) }),
    forked: {
      from: { agentId, revision: at },
      modelCalls: state.modelCalls,
      toolCalls: openCalls(state),
      awaits: [...state.awaits.values()].map((open) => ({
        ...open,
        childIds: open.childIds.map((id) => renamed.get(id) ?? id),
      })),
      ...(message === undefined ? {} : { message }),
      ...(unread.length > 0 && { unread: [...unread] }),
      ...(state.topics !== undefined && { topics: [...state.topics] }),
    },
    reserved: source.children.map((child) => reservedBy(spawned, child)),
    ...(retryOf !== undefined && { retryOf }),
  };
}

function endedChildren({ children }: SpawnedAgent): AgentEventData<'HistoryShared'>['children'] {
  return [...children].flatMap(([childId, { ended, ...child }]) =>
    ended === undefined ? [] : [{ childId, ...child, ended }],
  );
}

/** Only the operator's word that a repeat does no harm makes a call go again; about all others somebody is asked. */
function openCalls({ toolCalls }: SpawnedAgent): AgentEventData<'AgentForked'>['toolCalls'] {
  return [...toolCalls].map(([toolCallId, { name, stage, attempt, recovery }]) => {
    if (stage === 'asked') return { toolCallId, name, stage, attempt };
    const mayRepeat = stage === 'started' && recovery === 'retry';
    return {
      toolCallId,
      name,
      stage: 'started',
      attempt,
      recovery: mayRepeat ? 'retry' : 'ask',
    };
  });
}

function reservedBy(
  { agentId, limits, depth }: Pick<ForkOrder, 'agentId' | 'limits' | 'depth'>,
  { childId, reserved, source }: ForkChild,
): AgentEventData<'ChildReserved'> {
  const left = source === undefined ? reserved.limits : leftOf(reserved.limits, source);
  return {
    ...reserved,
    childId: forkedChildId(agentId, childId),
    depth: depth + 1,
    limits: { ...left, deadlineMs: limits.deadlineMs },
  };
}

/** Limits without what the source and those below it had used by then. */
export function leftOf(limits: Limits, source: ForkSource): Limits {
  const spent = spentBelow(source);
  const tokens = limits.tokens - spent.inputTokens - spent.outputTokens;
  return {
    ...limits,
    tokens: Math.max(0, tokens),
    costMicroUsd: Math.max(0, limits.costMicroUsd - spent.costMicroUsd),
    descendants: Math.max(0, limits.descendants - spent.descendants),
  };
}
