import { endsAgent, type AgentId } from '@skynet/contracts';
import type { StoredEvent } from '@skynet/platform';
import { readAgentLog, type AgentLog, type LogSource } from './agent-log.js';
import { pauseForOthers } from './pauses.js';
import { dataOf } from '../owner/agent-stream.js';

/** The events of one append. */
export interface TreeCommit {
  readonly agentId: AgentId;
  readonly events: readonly StoredEvent[];
}

/** All streams of a tree, and their commits in one order. */
export interface TreeLog {
  readonly rootId: AgentId;
  readonly agents: ReadonlyMap<AgentId, AgentLog>;
  /** By time, but never an effect before its cause: clocks of machines differ. */
  readonly commits: readonly TreeCommit[];
}

/** Reads an agent and all below it; undefined when it is not of this tenant, or not there. */
export async function readTreeLog(
  store: LogSource,
  tenant: string,
  rootId: AgentId,
): Promise<TreeLog | undefined> {
  const agents = new Map<AgentId, AgentLog>();
  let wanted = [rootId];
  while (wanted.length > 0) {
    const logs = await Promise.all(wanted.map((id) => readAgentLog(store, tenant, id)));
    const found = logs.filter((log) => log !== undefined);
    for (const log of found) agents.set(log.agentId, log);
    wanted = found.flatMap(childIdsOf).filter((id) => !agents.has(id));
  }
  return agents.has(rootId) ? { rootId, agents, commits: await inOrder(agents) } : undefined;
}

function childIdsOf({ stored }: Pick<AgentLog, 'stored'>): AgentId[] {
  return stored.flatMap((event) => dataOf(event, 'ChildReserved')?.childId ?? []);
}

export function commitsOf({ agentId, stored }: AgentLog): TreeCommit[] {
  const commits: StoredEvent[][] = [];
  for (const event of stored) {
    if (event.metadata.commit.index === 0 || commits.length === 0) commits.push([event]);
    else commits.at(-1)?.push(event);
  }
  return commits.map((events) => ({ agentId, events }));
}

/** How many commits of the order happened until the agent's first `count` events were there. */
export function momentOf({ commits }: TreeLog, agentId: AgentId, count: number): number {
  const last = commits.findIndex(
    (commit) =>
      commit.agentId === agentId && commit.events.some(({ revision }) => revision === count - 1),
  );
  return last + 1;
}

/** How many commits of the order happened before the agent's event of this revision; all when it has none yet. */
export function momentBefore({ commits }: TreeLog, agentId: AgentId, revision: number): number {
  const next = commits.findIndex(
    (commit) => commit.agentId === agentId && (commit.events.at(-1)?.revision ?? -1) >= revision,
  );
  return next < 0 ? commits.length : next;
}

async function inOrder(agents: ReadonlyMap<AgentId, AgentLog>): Promise<TreeCommit[]> {
  const queues = [...agents.values()].map((log) => commitsOf(log));
  const passed = new Set<string>();
  const ordered: TreeCommit[] = [];
  for (;;) {
    await pauseForOthers();
    const heads = queues.flatMap((queue) =>
      queue[0] === undefined ? [] : [{ queue, commit: queue[0] }],
    );
    if (heads.length === 0) return ordered;
    const ready = heads.filter(({ commit }) =>
      causesOf(commit).every(({ agentId, fact }) => !agents.has(agentId) || passed.has(fact)),
    );
    // None is ready only in a log that was altered: then time alone decides.
    const next = earliest(ready.length > 0 ? ready : heads);
    next.queue.shift();
    ordered.push(next.commit);
    for (const fact of factsOf(next.commit)) passed.add(fact);
  }
}

function earliest<Head extends { readonly commit: TreeCommit }>(heads: readonly Head[]): Head {
  return heads.reduce((first, head) => (timeOf(head) < timeOf(first) ? head : first));
}

function timeOf({ commit }: { readonly commit: TreeCommit }): number {
  return commit.events[0]?.timeMs ?? 0;
}

/** What must have happened elsewhere in the tree before. */
function causesOf({ events }: TreeCommit): { agentId: AgentId; fact: string }[] {
  return events.flatMap((event) => {
    const { agentId, parentId } = dataOf(event, 'AgentSpawned') ?? {};
    if (parentId !== undefined) return [{ agentId: parentId, fact: `reserved ${agentId}` }];
    const { childId } = dataOf(event, 'ChildEnded') ?? {};
    return childId === undefined ? [] : [{ agentId: childId, fact: `ended ${childId}` }];
  });
}

function factsOf({ agentId, events }: TreeCommit): string[] {
  return events.flatMap((event) => {
    const { childId } = dataOf(event, 'ChildReserved') ?? {};
    if (childId !== undefined) return [`reserved ${childId}`];
    return endsAgent(event) || event.type === 'AgentRefused' ? [`ended ${agentId}`] : [];
  });
}
