import type { SimProcess } from '../ports/sim-process.js';
import { dataAs, type LoggedAgent, type SeenEvent } from '../world/logged-agents.js';
import { isTerminal } from './budgets.js';
import type { Evidence } from './evidence.js';
import { deadlineMsOf } from './extensions.js';

/** Ends and deadlines take effect within so much when all is well. */
const CALM_MS = 3_000;
/** And within so much when a leader has to be found first. */
const FAULTY_MS = 12_000;

/** Ends are carried down, deadlines kept, runs taken over only from workers that are gone. */
export function findStrayAgents(evidence: Evidence): string[] {
  const { plan, quietMs, world } = evidence;
  const isCalm = plan.steps.every((step) => !('forMs' in step));
  const agents = [...world.log.agents.values()];
  const waitMs = (fromMs: number) =>
    isCalm ? CALM_MS : Math.max(FAULTY_MS, quietMs + FAULTY_MS - fromMs);
  return agents.flatMap((agent) => [
    ...orphaned(agent, world.log.agents, waitMs),
    ...overdue(agent, waitMs, world.time.nowMs - world.time.elapsedMs),
    ...takenOver(agent, evidence),
  ]);
}

function endMsOf({ events }: LoggedAgent): number {
  return events.find(({ type }) => isTerminal(type))?.atMs ?? Infinity;
}

function orphaned(
  agent: LoggedAgent,
  agents: ReadonlyMap<string, LoggedAgent>,
  waitMs: (fromMs: number) => number,
): string[] {
  const [first] = agent.events;
  const parent = agents.get(agent.parentId ?? '');
  if (first === undefined || parent === undefined || outlives(first)) return [];
  const closedMs = Math.max(endMsOf(parent), first.atMs);
  const late = endMsOf(agent) - closedMs;
  if (closedMs === Infinity || late <= waitMs(closedMs)) return [];
  return [`${agent.path} goes on for ${late.toFixed(0)} ms after the end of its parent`];
}

function outlives({ data }: SeenEvent): boolean {
  const { spec } = dataAs<{ readonly spec?: { readonly onParentClose?: string } }>(data);
  return spec?.onParentClose === 'continue';
}

function overdue(
  agent: LoggedAgent,
  waitMs: (fromMs: number) => number,
  startMs: number,
): string[] {
  const dueMs = deadlineMsOf(agent.events) - startMs;
  const late = endMsOf(agent) - dueMs;
  if (late === Infinity || late <= waitMs(dueMs)) return [];
  return [`${agent.path} ends ${late.toFixed(0)} ms after its deadline`];
}

const SILENT_MS = 2_000;

/** Nobody takes over from a worker that lives, unless it stood still or the store did not hear it. */
function takenOver({ events, path }: LoggedAgent, { plan, processes }: Evidence): string[] {
  if (plan.steps.some((step) => step.do === 'weather')) return [];
  let running: string | undefined;
  return events.flatMap(({ type, data, atMs }) => {
    if (isTerminal(type) || type === 'AgentParked' || type === 'RunYielded') running = undefined;
    if (type !== 'RunStarted') return [];
    const before = running;
    running = String(data['workerId']);
    const process = processes.get(before ?? '');
    const isWrong = process !== undefined && isAwake(process, atMs);
    return isWrong ? [`${path} was taken from ${before}, which lives`] : [];
  });
}

/** Whether the process lives and was running for some time before. */
function isAwake({ isAlive, standstills }: SimProcess, atMs: number): boolean {
  const isStill = standstills.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs + SILENT_MS);
  return isAlive && !isStill;
}
