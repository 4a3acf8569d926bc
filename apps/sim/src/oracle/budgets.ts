import type { LoggedAgent, SeenEvent } from '../world/logged-agents.js';
import type { Evidence } from './evidence.js';

interface Amounts {
  readonly tokens: number;
  readonly costMicroUsd: number;
  readonly descendants: number;
}

const NOTHING: Amounts = { tokens: 0, costMicroUsd: 0, descendants: 0 };
const lines = ['tokens', 'costMicroUsd', 'descendants'] as const;

/** At every agent and after every event: spent, set aside and held are no more than the limit; and parents are told the sum. */
export function findOverspent({ world }: Evidence): string[] {
  const agents = [...world.log.agents.values()];
  return agents.flatMap((agent) => [...overspentIn(agent), ...wrongSums(agent, world.log.agents)]);
}

function overspentIn({ events, path }: LoggedAgent): string[] {
  const [first] = events;
  if (first?.type !== 'AgentSpawned') return [];
  let limits = first.data['limits'] as Amounts;
  for (const [index, used] of usedAfterEach(events).entries()) {
    const { type, data } = events[index] ?? first;
    if (type === 'LimitsExtended') limits = data['limits'] as Amounts;
    const over = lines.find((line) => used[line] > limits[line]);
    if (over === undefined) continue;
    // A wind-down is the one call that may follow when the budget is used up.
    return [`${path} uses ${used[over]} ${over} of ${limits[over]} after event ${index}`];
  }
  return [];
}

/** What a child has used by its end, or what it turned out to be by the time that its parent was told. */
function wrongSums(parent: LoggedAgent, agents: ReadonlyMap<string, LoggedAgent>): string[] {
  return parent.events.flatMap(({ type, data, place }) => {
    if (type !== 'ChildEnded') return [];
    const child = agents.get(String(data['childId']));
    if (child === undefined) return [`${parent.path} was told of a child that never was`];
    const { events, path } = child;
    const end = events.findIndex((event) => isTerminal(event.type));
    if (events[end]?.type === 'AgentRefused') return [];
    const used = usedAfterEach(events).filter(
      (_, index) => index >= end && (events[index]?.place ?? 0) < place,
    );
    const told = plus(NOTHING, data['spent']);
    if (used.some((sum) => lines.every((line) => told[line] === sum[line]))) return [];
    const sums = JSON.stringify(used);
    return [`${parent.path} was told that ${path} used ${JSON.stringify(told)}, it was ${sums}`];
  });
}

export function isTerminal(type: string): boolean {
  return TERMINAL.has(type);
}

const TERMINAL = new Set([
  'AgentCompleted',
  'AgentFailed',
  'AgentTerminated',
  'AgentExpired',
  'AgentExhausted',
  'AgentRefused',
]);

function usedAfterEach(events: readonly SeenEvent[]): Amounts[] {
  let spent = NOTHING;
  const setAside = new Map<unknown, Amounts>();
  return events.map(({ type, data }) => {
    if (type === 'ModelCallStarted') setAside.set(data['callId'], plus(NOTHING, data['held']));
    if (type === 'ModelCallSettled') {
      setAside.delete(data['callId']);
      spent = plus(spent, data['usage']);
    }
    if (type === 'ChildReserved' || type === 'ChildExtended') {
      const { tokens, costMicroUsd, descendants } = data['limits'] as Amounts;
      setAside.set(data['childId'], { tokens, costMicroUsd, descendants: descendants + 1 });
    }
    if (type === 'ChildEnded') {
      setAside.delete(data['childId']);
      const used = plus(spent, data['spent']);
      spent = { ...used, descendants: used.descendants + 1 };
    }
    return [...setAside.values()].reduce(added, spent);
  });
}

function added(a: Amounts, b: Amounts): Amounts {
  return {
    tokens: a.tokens + b.tokens,
    costMicroUsd: a.costMicroUsd + b.costMicroUsd,
    descendants: a.descendants + b.descendants,
  };
}

function plus(amounts: Amounts, usage: unknown): Amounts {
  const {
    inputTokens,
    outputTokens,
    costMicroUsd,
    descendants = 0,
  } = usage as {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costMicroUsd: number;
    readonly descendants?: number;
  };
  return added(amounts, { tokens: inputTokens + outputTokens, costMicroUsd, descendants });
}
