import {
  agentIdOfStream,
  endsAgent,
  rejection,
  type AgentEventData,
  type AgentId,
  type ErrorCode,
  type Spent,
} from '@skynet/contracts';
import {
  isLive,
  isSpawned,
  liveChildren,
  type SpawnedAgent,
  plusSpent,
} from '@skynet/domain-agents';
import type { Refused } from '@skynet/kernel';
import { stateAt, type AgentLog } from '../past/agent-log.js';
import type { StoredEvent } from '@skynet/platform';
import { dataOf } from '../owner/agent-stream.js';
import { closingIdOf } from '../owner/agents.js';
import { rowOf } from '../past/rows.js';
import { commitsOf, momentBefore, type TreeLog } from '../past/tree-log.js';

/** An agent at the moment of a fork, with those below it that had not ended. */
export interface ForkSource {
  readonly agentId: AgentId;
  /** First event that is not shared. */
  readonly at: number;
  readonly timeMs: number;
  readonly state: SpawnedAgent;
  readonly children: readonly ForkChild[];
  /** What it had left, when it had ended. */
  readonly end?: Pick<AgentEventData<'ChildEnded'>, 'output' | 'failure'>;
}

/** A child that had not ended; one that was only reserved has no source. */
export interface ForkChild {
  readonly childId: AgentId;
  /** What the parent set aside for it. */
  readonly reserved: AgentEventData<'ChildReserved'>;
  readonly source?: ForkSource;
}

/** The source at its first `wanted` events, moved back to the start of a commit; or why there is none. */
export async function forkSource(
  tree: TreeLog,
  wanted: number | undefined,
): Promise<ForkSource | Refused<ErrorCode>> {
  const log = tree.agents.get(tree.rootId);
  const length = log?.stored.length ?? 0;
  if (log === undefined || (wanted ?? length) > length) {
    return noSuchEvent(`${tree.rootId} has only ${length} events`);
  }
  const at = startOfCommit(log, wanted ?? length);
  const source = await sourceAt(tree, log, { at, ...(await momentAt(tree, log, at)) });
  return source ?? noSuchEvent(`nothing had happened to ${tree.rootId} before event ${at}`);
}

function noSuchEvent(message: string): Refused<ErrorCode> {
  return { refused: rejection('INVALID_ARGUMENTS', message) };
}

/** Half a commit is no step of an agent: what it was about to do stands in the rest. Born it is in any case. */
function startOfCommit(log: AgentLog, at: number): number {
  const commit = commitsOf(log).find(({ events }) =>
    events.some(({ revision }) => revision === at),
  );
  const start = commit?.events[0]?.revision ?? at;
  return at > 0 ? Math.max(1, start) : start;
}

interface Moment {
  /** Commits of the tree that had happened. */
  readonly moment: number;
  /** Who had ended by then: what that end brought about below it is left out. */
  readonly ended: SpawnedAgent | undefined;
}

async function momentAt(tree: TreeLog, log: AgentLog, at: number): Promise<Moment> {
  const state = await stateAt(log, at);
  const hasEnded = isSpawned(state) && !isLive(state);
  return hasEnded
    ? { moment: tree.commits.length, ended: state }
    : { moment: momentBefore(tree, log.agentId, at), ended: undefined };
}

function countAt(tree: TreeLog, { agentId, stored }: AgentLog, { moment, ended }: Moment): number {
  const end = stored.findIndex(endsAgent);
  const last = stored[end];
  const isLeftOut = last !== undefined && ended !== undefined && isBroughtAbout(last, ended);
  return isLeftOut ? end : countBefore(tree, agentId, moment);
}

/** By the end of an agent above: its order, or the same deadline. */
function isBroughtAbout(end: StoredEvent, { phase, spawned }: SpawnedAgent): boolean {
  if (end.type === 'AgentExpired') {
    return phase === 'expired' && end.timeMs >= spawned.limits.deadlineMs;
  }
  const childId = agentIdOfStream(end.stream);
  return childId !== undefined && end.metadata.causationId === closingIdOf(childId);
}

async function sourceAt(
  tree: TreeLog,
  log: AgentLog,
  { at, moment, ended }: Moment & { readonly at: number },
): Promise<ForkSource | undefined> {
  const state = await stateAt(log, at);
  if (!isSpawned(state)) return undefined;
  const { agentId } = log;
  const timeMs = log.stored[at - 1]?.timeMs ?? 0;
  const living = new Map(liveChildren(state));
  const reservations = reservationsIn(log).flatMap((reserved) => {
    const child = living.get(reserved.childId);
    return child === undefined ? [] : [{ ...reserved, limits: child.limits }];
  });
  const children: ForkChild[] = [];
  for (const reserved of reservations) {
    const { childId } = reserved;
    const child = tree.agents.get(childId);
    const count = child === undefined ? 0 : countAt(tree, child, { moment, ended });
    const source = child && (await sourceAt(tree, child, { at: count, moment, ended }));
    children.push({ childId, reserved, ...(source === undefined ? {} : { source }) });
  }
  const end = isLive(state) ? {} : { end: await endIn(log, at) };
  return { agentId, at, timeMs, state, children, ...end };
}

async function endIn({ stored }: AgentLog, at: number): Promise<ForkSource['end']> {
  const row = await rowOf(stored.slice(0, at));
  return { output: row?.output ?? row?.partial, failure: row?.failure };
}

export function reservationsIn({
  stored,
}: Pick<AgentLog, 'stored'>): AgentEventData<'ChildReserved'>[] {
  return stored.flatMap((event) => dataOf(event, 'ChildReserved') ?? []);
}

/** Events of an agent that had happened at a moment of its tree. */
export function countBefore({ commits }: TreeLog, agentId: AgentId, moment: number): number {
  return commits
    .slice(0, moment)
    .filter((commit) => commit.agentId === agentId)
    .reduce((count, { events }) => count + events.length, 0);
}

/** What an agent and those below it had used, those that had not ended included. */
export function spentBelow({ state, children }: ForkSource): Spent {
  return children.reduce(
    (sum, { source }) => (source === undefined ? sum : plusSpent(sum, spentBelow(source))),
    state.spent,
  );
}

/** Neither a call nor a message is left to go on from. */
export function hasSaidAll({ conversation, toolCalls, unread }: SpawnedAgent): boolean {
  return conversation.at(-1)?.kind === 'answer' && toolCalls.size === 0 && unread.length === 0;
}
