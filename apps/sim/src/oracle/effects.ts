import type { Effect, ToolCallSeen } from '../doubles/effects.js';
import type { LoggedAgent } from '../world/logged-agents.js';
import { isTerminal } from './budgets.js';
import type { Evidence } from './evidence.js';

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

function late(effect: Effect, agent: LoggedAgent | undefined, { plan }: Evidence): string[] {
  if (agent === undefined)
    return [`${effect.kind} was called for ${effect.path}, which is not in the log`];
  const isCalm = plan.steps.every((step) => !('forMs' in step));
  const toleranceMs = isCalm ? CALM_MS : FAULTY_MS;
  const end = agent.events.find(({ type }) => isTerminal(type));
  if (end === undefined || effect.atMs <= end.atMs + toleranceMs) return [];
  const afterMs = effect.atMs - end.atMs;
  return [`${effect.path} had a ${effect.kind} call ${afterMs.toFixed(0)} ms after its end`];
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
