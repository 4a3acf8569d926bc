import { streamNames } from '@skynet/contracts';
import { dataAs, type LoggedAgent, type OtherEvent } from '../world/logged-agents.js';
import { openIn } from '../world/rest.js';
import type { Evidence } from './evidence.js';

/** Clocks of two machines, and what is sent from one to the other. */
const EARLY_MS = 300;

interface Outcome {
  readonly kind: 'spawned' | 'refused';
}

/** Each tick comes once, in its time, with one agent; none after the schedule was cancelled. */
export function findWrongTicks({ schedules, world }: Evidence): string[] {
  const { agents } = world.log;
  const streams = world.log.of(streamNames.schedulePrefix);
  const startMs = world.time.nowMs - world.time.elapsedMs;
  const found = schedules.flatMap(({ scheduleId, path, isMade }) => {
    const events = streams.get(scheduleId) ?? [];
    const own = [...agents.values()].filter((agent) => agent.path === path);
    return [
      ...(isMade && events.length === 0 ? ['was made, and is not there'] : []),
      ...(events.length > 0 ? openIn(events) : []),
      ...repeatsOf(events),
      ...outOfTime(events, startMs),
      ...agentsOf(events, own),
    ].map((what) => `schedule ${path} ${what}`);
  });
  const wanted = new Set(schedules.map(({ scheduleId }) => scheduleId));
  const strange = [...streams.keys()].filter((id) => !wanted.has(id));
  return [...found, ...strange.map((id) => `nobody asked for schedule ${id}`)];
}

function repeatsOf(events: readonly OtherEvent[]): string[] {
  const seen = new Set<string>();
  return events.flatMap(({ type, data }) => {
    const name = `${type} of ${String(data['tickMs'] ?? data['fromMs'])}`;
    if (seen.has(name)) return [`has ${name} twice`];
    seen.add(name);
    return [];
  });
}

function outOfTime(events: readonly OtherEvent[], startMs: number): string[] {
  const cancelled = events.findIndex(({ type }) => type === 'ScheduleCancelled');
  return events.flatMap(({ type, data, atMs }, index) => {
    if (type !== 'TickStarted') return [];
    const earlyMs = Number(data['tickMs']) - startMs - atMs;
    return [
      ...(earlyMs > EARLY_MS ? [`ticks ${earlyMs.toFixed(0)} ms before its time`] : []),
      ...(cancelled >= 0 && index > cancelled ? ['ticks after it was cancelled'] : []),
    ];
  });
}

/** The agents that are there are those of the ticks that say so, each spawned when that was said. */
function agentsOf(events: readonly OtherEvent[], own: readonly LoggedAgent[]): string[] {
  const started = new Map<unknown, unknown>();
  for (const { type, data } of events)
    if (type === 'TickStarted') started.set(data['tickMs'], data['agentId']);
  const left = new Map(own.map((agent) => [agent.agentId as unknown, agent]));
  const wrong = events.flatMap(({ type, data, place }) => {
    if (type !== 'TickSettled') return [];
    const agentId = started.get(data['tickMs']);
    const agent = left.get(agentId);
    left.delete(agentId);
    const { kind } = dataAs<Outcome>(data['outcome']);
    const isThere = agent !== undefined && (agent.events[0]?.place ?? Infinity) < place;
    return isThere === (kind === 'spawned') ? [] : [`has a tick that is ${kind}, wrongly`];
  });
  return left.size === 0 ? wrong : [...wrong, `has ${left.size} agents of no tick`];
}
