import {
  dayStartMs,
  type AgentEventData,
  type AgentRow,
  type ModelUse,
  type OpenCall,
  type ToolUse,
} from '@skynet/contracts';

type Calls = Pick<AgentRow, 'modelUse' | 'toolUse' | 'openCalls'>;
type Row = Calls & Pick<AgentRow, 'model'>;

const MOST_ENTRIES = 64;
const MOST_OPEN = 256;
const NAME_CHARS = 128;
const OTHERS = '(others)';
const NOT_CACHED = { tokens: 0, savedMicroUsd: 0 };

/** Of an agent that has made none. */
export const NO_CALLS: Calls = { modelUse: [], toolUse: [] };

/** The model is asked: nothing of the turn before is open any more. */
export function modelCallStarted(
  { callId, model }: AgentEventData<'ModelCallStarted'>,
  timeMs: number,
): Calls {
  return { openCalls: [{ id: callId, name: shortName(model), sinceMs: timeMs }] };
}

/** May come after the agent's end. */
export function modelCallSettled(
  { modelUse, openCalls, model }: Row,
  data: AgentEventData<'ModelCallSettled'>,
  timeMs: number,
): Calls {
  const { callId, usage, outcome } = data;
  const asked = outcome.kind === 'answered' ? outcome.toolCalls.slice(0, MOST_OPEN) : [];
  const open = asked.map(({ id, name }) => ({ id, name: shortName(name) }));
  const next = { openCalls: open.length === 0 ? undefined : open };
  if (modelUse === undefined) return next;
  const call = openCalls?.find(({ id }) => id === callId) ?? { id: callId, name: model };
  const isFailed = outcome.kind === 'failed' || outcome.kind === 'lost';
  const used = { ...usage, ...savedBy(data), model: call.name };
  const use = { ...oneCall(call, timeMs, isFailed), ...used };
  return { ...next, modelUse: withUse(modelUse, use, sameModel, plusModelUse) };
}

/** By caches of providers, or as no call was made. */
function savedBy({ cached = NOT_CACHED, fromCache }: AgentEventData<'ModelCallSettled'>) {
  const { savedMicroUsd } = fromCache ?? cached;
  const kept = fromCache === undefined ? {} : { fromCache: 1 };
  return { cachedTokens: cached.tokens, savedMicroUsd, ...kept };
}

export function toolCallStarted({ openCalls }: Calls, toolCallId: string, timeMs: number): Calls {
  const started = (call: OpenCall) =>
    call.id === toolCallId ? { ...call, sinceMs: timeMs } : call;
  return { openCalls: openCalls?.map(started) };
}

export function toolCallSettled(
  { toolUse, openCalls }: Calls,
  { toolCallId, isError, fromCache }: AgentEventData<'ToolCallSettled'>,
  timeMs: number,
): Calls {
  const call = openCalls?.find(({ id }) => id === toolCallId);
  if (toolUse === undefined || call === undefined) return {};
  const left = openCalls?.filter(({ id }) => id !== toolCallId) ?? [];
  const known = toolUse.some(({ tool }) => tool === call.name);
  const tool = known || toolUse.length < MOST_ENTRIES - 1 ? call.name : OTHERS;
  const use = { ...oneCall(call, timeMs, isError), tool, fromCache: fromCache === true ? 1 : 0 };
  return {
    openCalls: left.length === 0 ? undefined : left,
    toolUse: withUse(toolUse, use, sameTool, plusToolUse),
  };
}

/** Its id where the row does not know it. */
export function nameOfCall({ openCalls }: Calls, toolCallId: string): string {
  return openCalls?.find(({ id }) => id === toolCallId)?.name ?? toolCallId;
}

/** A call that was never started took no time. */
function oneCall({ sinceMs }: OpenCall, timeMs: number, isFailed: boolean) {
  const ms = Math.max(0, timeMs - (sinceMs ?? timeMs));
  return { dayMs: dayStartMs(timeMs), calls: 1, failed: isFailed ? 1 : 0, ms, slowestMs: ms };
}

const sameModel = (a: ModelUse, b: ModelUse) => a.dayMs === b.dayMs && a.model === b.model;
const sameTool = (a: ToolUse, b: ToolUse) => a.dayMs === b.dayMs && a.tool === b.tool;

/** With the use among those of its kind; a row stays small: past a bound the two oldest are told as one. */
function withUse<Use>(
  uses: readonly Use[],
  use: Use,
  isSame: (a: Use, b: Use) => boolean,
  plus: (a: Use, b: Use) => Use,
): Use[] {
  const place = uses.findLastIndex((one) => isSame(one, use));
  if (place >= 0) return uses.map((one, index) => (index === place ? plus(one, use) : one));
  const [first, second, ...rest] = uses;
  if (uses.length < MOST_ENTRIES || first === undefined || second === undefined) {
    return [...uses, use];
  }
  return [plus(first, second), ...rest, use];
}

/** Told under the name and the day of the second. */
function plusCalls<Use extends Omit<ToolUse, 'tool' | 'fromCache'>>(a: Use, b: Use): Use {
  return {
    ...b,
    calls: a.calls + b.calls,
    failed: a.failed + b.failed,
    ms: a.ms + b.ms,
    slowestMs: Math.max(a.slowestMs, b.slowestMs),
  };
}

function plusToolUse(a: ToolUse, b: ToolUse): ToolUse {
  return { ...plusCalls(a, b), fromCache: a.fromCache + b.fromCache };
}

function plusModelUse(a: ModelUse, b: ModelUse): ModelUse {
  const fromCache = (a.fromCache ?? 0) + (b.fromCache ?? 0);
  return {
    ...plusCalls(a, b),
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costMicroUsd: a.costMicroUsd + b.costMicroUsd,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    savedMicroUsd: a.savedMicroUsd + b.savedMicroUsd,
    ...(fromCache > 0 && { fromCache }),
  };
}

function shortName(name: string): string {
  return name.length <= NAME_CHARS ? name : `${name.slice(0, NAME_CHARS - 1)}…`;
}
