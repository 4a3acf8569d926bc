import { openTick, type AgentSchedule } from './agent-schedule.decider.js';

/** Ticks are started in their order as long as they are no later; of what is later only the latest can be made up for. */
const ON_TIME_MS = 60_000;

/** What a schedule wants done now. */
type DueStep =
  /** Its tick was started: ask for the agent, again or for the first time. */
  | { readonly kind: 'spawn'; readonly tickMs: number; readonly agentId: string }
  | { readonly kind: 'start'; readonly tickMs: number }
  /** From this tick on until now nobody was there. */
  | { readonly kind: 'skip'; readonly fromMs: number };

/**
 * The next step of a schedule; undefined when nothing is due. `latestTickMs`: the latest tick that is not after the
 * present, asked for only of a cron schedule that is late.
 */
export function dueStep(
  schedule: AgentSchedule,
  nowMs: number,
  latestTickMs: () => number,
): DueStep | undefined {
  const open = openTick(schedule);
  if (open !== undefined) return { kind: 'spawn', tickMs: open.tickMs, agentId: open.agentId };
  const { definition, nextTickMs } = schedule;
  if (nextTickMs === undefined || nextTickMs > nowMs) return undefined;
  const isOnTime = nowMs - nextTickMs <= ON_TIME_MS;
  // What comes once was asked for by name of its time: late is better than never.
  if (isOnTime || definition.timing.kind === 'once') return { kind: 'start', tickMs: nextTickMs };
  const latestMs = Math.max(latestTickMs(), nextTickMs);
  const mayStart = definition.catchUp === 'once' || nowMs - latestMs <= ON_TIME_MS;
  return mayStart ? { kind: 'start', tickMs: latestMs } : { kind: 'skip', fromMs: nextTickMs };
}
