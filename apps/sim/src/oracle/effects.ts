import type { Effect, ToolCallSeen } from '../doubles/effects.js';
import type { LoggedAgent } from '../world/logged-agents.js';
import { isTerminal } from './budgets.js';
import type { Evidence } from './evidence.js';
import { deadlineMsOf } from './extensions.js';
import type { Plan } from '../plan/plan.js';
import { endOf } from '../plan/step.js';

/** A call that was on its way when its agent ended. */
const CALM_MS = 1_000;
/** A process that stood still, or heard nothing, may think of its lease as fresh for so long. */
const FAULTY_MS = 4_500;

type ToolEffect = Effect & { readonly call: ToolCallSeen };

/** What models and tools were asked to do is what the log says, no more often than policies allow, and not after an end. */
export function findWrongEffects(evidence: Evidence): string[] {
  const { world } = evidence;
  const byPath = new Map([...world.log.agents.values()].map((agent) => [agent.path, agent]));
  const tools = world.effects.filter((effect): effect is ToolEffect => effect.call !== undefined);
  const marks = Map.groupBy(tools, ({ call }) => call.mark);
  return [
    ...[...marks.values()].flatMap((same) => repeated(same, byPath)),
    ...world.effects.flatMap((effect) => late(effect, byPath.get(effect.path), evidence)),
    ...unsaidModelCalls(evidence, byPath),
  ];
}

function repeated(same: readonly ToolEffect[], byPath: ReadonlyMap<string, LoggedAgent>): string[] {
  const [first] = same;
  const agent = first && byPath.get(first.path);
  if (first === undefined || agent === undefined)
    return ['a tool was called for an agent that is not in the log'];
  const { mark } = first.call;
  const toolCallId = callIdOf(agent, mark);
  const of = agent.events.filter(({ data }) => data['toolCallId'] === toolCallId);
  const count = (type: string) => of.filter((event) => event.type === type).length;
  const starts = count('ToolCallStarted');
  const unsaid = `${mark} was made ${same.length} times, the log says ${starts}`;
  const broken = breachOf(same, 1 + count('ToolCallReleased'));
  return [
    ...(same.length > starts ? [unsaid] : []),
    ...broken.map((how) => `${mark} was made ${how}`),
  ];
}

/** How the calls break the policy that their tool is named after. */
function breachOf(same: readonly ToolEffect[], allowed: number): string[] {
  const tool = same[0]?.call.tool;
  if (tool === 'ask' || tool === 'fail')
    return same.length > allowed ? [`${same.length} times under ${tool}`] : [];
  if (tool !== 'key') return [];
  const keys = new Set(same.map(({ call }) => call.key));
  if (keys.has(undefined)) return ['without a key'];
  return keys.size > 1 ? ['with different keys'] : [];
}

/** The call of the model whose arguments hold the mark. */
function callIdOf({ events }: LoggedAgent, mark: string): string | undefined {
  for (const { type, data } of events) {
    if (type !== 'ModelCallSettled') continue;
    const { toolCalls = [] } = data['outcome'] as {
      readonly toolCalls?: readonly { readonly id: string; readonly arguments: unknown }[];
    };
    const call = toolCalls.find((asked) => String(asked.arguments).includes(`"${mark}"`));
    if (call !== undefined) return call.id;
  }
  return undefined;
}

/** Calls after the end or the deadline of their agent, or after another worker has taken it over. */
function late(effect: Effect, agent: LoggedAgent | undefined, { plan, world }: Evidence): string[] {
  const { atMs, kind, path } = effect;
  if (agent === undefined) return [`${kind} was called for ${path}, which is not in the log`];
  const startMs = world.time.nowMs - world.time.elapsedMs;
  const moments = [
    { what: 'the end of its agent', overMs: agent.events.find(isEndOf)?.atMs },
    // Who enforces deadlines may be away.
    {
      what: 'the deadline of its agent',
      overMs: deadlineMsOf(agent.events) - startMs,
      inCalmOnly: true,
    },
    { what: 'its agent was taken over', overMs: takenOverMs(agent, effect) },
  ];
  return moments.flatMap(({ what, overMs = Infinity, inCalmOnly = false }) => {
    const isCalm = isCalmBetween(plan, overMs, atMs);
    if (inCalmOnly && !isCalm) return [];
    if (atMs <= overMs + (isCalm ? CALM_MS : FAULTY_MS)) return [];
    return [`${path} had a ${kind} call ${(atMs - overMs).toFixed(0)} ms after ${what}`];
  });
}

function isEndOf({ type }: LoggedAgent['events'][number]): boolean {
  return isTerminal(type);
}

/** When the agent was not that process's any more. */
function takenOverMs({ events }: LoggedAgent, effect: Effect): number | undefined {
  let overMs: number | undefined = 0;
  for (const { type, data, atMs } of events) {
    if (type !== 'RunStarted' || atMs > effect.atMs) continue;
    overMs = data['workerId'] === effect.by ? undefined : (overMs ?? atMs);
  }
  return overMs;
}

/** Nothing has gone wrong for so long that all is as ever. */
const RECOVERED_MS = 6_000;

function isCalmBetween({ steps }: Plan, fromMs: number, toMs: number): boolean {
  return steps.every(
    (step) => !('forMs' in step) || step.atMs > toMs || endOf(step) + RECOVERED_MS < fromMs,
  );
}

function unsaidModelCalls({ world }: Evidence, byPath: ReadonlyMap<string, LoggedAgent>): string[] {
  const asked = Map.groupBy(
    world.effects.filter(({ kind }) => kind === 'model'),
    ({ path }) => path,
  );
  return [...asked].flatMap(([path, calls]) => {
    const starts = byPath.get(path)?.events.filter(({ type }) => type === 'ModelCallStarted') ?? [];
    if (calls.length <= starts.length) return [];
    return [`${path} asked its model ${calls.length} times, the log says ${starts.length}`];
  });
}
