import type { LoggedEvent } from '../log/logged-commit.js';
import type { AgentHistory } from './agent-history.js';
import type { Evidence, Finding } from './evidence.js';

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Agents that had more tokens spent, set aside and held than their limit, at any moment. */
export function findOverspent(
  _evidence: Evidence,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  return [...histories.values()].flatMap(({ agentId, events }) => {
    const limits = limitAfterEach(events);
    const used = usedAfterEach(events);
    const index = used.findIndex((each, at) => each > (limits[at] ?? Infinity));
    if (index < 0) return [];
    const what = `${used[index]} of ${limits[index]} tokens after event ${index}`;
    return [{ word: 'overspent' as const, agentId, what }];
  });
}

function limitAfterEach(events: readonly LoggedEvent[]): number[] {
  let limit = Infinity;
  return events.map(({ type, data }) => {
    const isTold = type === 'AgentSpawned' || type === 'LimitsExtended';
    if (isTold) limit = (data['limits'] as { readonly tokens: number }).tokens;
    return limit;
  });
}

function usedAfterEach(events: readonly LoggedEvent[]): number[] {
  let spent = 0;
  const reserved = new Map<unknown, number>();
  return events.map(({ type, data }) => {
    if (type === 'ModelCallStarted') reserved.set(data['callId'], sum(data['held']));
    if (type === 'ModelCallSettled') {
      reserved.delete(data['callId']);
      spent += sum(data['usage']);
    }
    if (type === 'ChildReserved' || type === 'ChildExtended') {
      reserved.set(data['childId'], (data['limits'] as { readonly tokens: number }).tokens);
    }
    if (type === 'ChildEnded') {
      reserved.delete(data['childId']);
      spent += sum(data['spent']);
    }
    return [...reserved.values()].reduce((all, each) => all + each, spent);
  });
}

function sum(tokens: unknown): number {
  const { inputTokens, outputTokens } = tokens as Tokens;
  return inputTokens + outputTokens;
}
