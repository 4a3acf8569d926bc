import { agentEnds } from '@skynet/contracts';
import type { LoggedCommit, LoggedEvent } from '../log/logged-commit.js';

/** What the log has of one agent. */
export interface AgentHistory {
  readonly agentId: string;
  readonly commits: readonly LoggedCommit[];
  readonly events: readonly LoggedEvent[];
  readonly status: string;
  readonly isEnded: boolean;
  readonly parentId: string | undefined;
  /** Mark of the job that it was spawned for; of a root only. */
  readonly mark: string | undefined;
}

const statuses: Readonly<Record<string, string>> = {
  AgentSpawned: 'queued',
  RunStarted: 'running',
  RunYielded: 'queued',
  AgentParked: 'waiting',
  AgentWoken: 'queued',
};
const ends: Readonly<Record<string, string>> = {
  ...agentEnds,
  AgentRefused: 'refused',
};

/** Events after which nothing more becomes of an agent. */
export const endTypes: ReadonlySet<string> = new Set(Object.keys(ends));

/** The log, taken apart by agent. */
export function historiesOf(commits: readonly LoggedCommit[]): Map<string, AgentHistory> {
  const byAgent = Map.groupBy(commits, ({ agentId }) => agentId);
  return new Map([...byAgent].map(([agentId, own]) => [agentId, historyOf(agentId, own)]));
}

export function eventsOf({ events }: AgentHistory, type: string): LoggedEvent[] {
  return events.filter((event) => event.type === type);
}

export function endsOf({ events }: AgentHistory): LoggedEvent[] {
  return events.filter(({ type }) => type in ends);
}

function historyOf(agentId: string, commits: readonly LoggedCommit[]): AgentHistory {
  const events = commits.flatMap((commit) => commit.events);
  const end = events.map(({ type }) => ends[type]).find((each) => each !== undefined);
  const active = events.map(({ type }) => statuses[type]).findLast((each) => each !== undefined);
  const spawned = events.find(({ type }) => type === 'AgentSpawned')?.data;
  const parentId = spawned?.['parentId'] as string | undefined;
  return {
    agentId,
    commits,
    events,
    status: end ?? active ?? 'unknown',
    isEnded: end !== undefined,
    parentId,
    mark: parentId === undefined ? markOf(spawned?.['spec']) : undefined,
  };
}

function markOf(spec: unknown): string | undefined {
  const { task } = (spec ?? {}) as { readonly task?: { readonly description?: unknown } };
  try {
    return (JSON.parse(String(task?.description)) as { readonly mark?: string }).mark;
  } catch {
    return undefined;
  }
}
