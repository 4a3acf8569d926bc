import { eventsOf, type AgentHistory } from './agent-history.js';
import type { CountedCall, Evidence, Finding } from './evidence.js';

/** Calls that reached the tool more often than the log says, or than their policy allows. */
export function findRepeats(
  { calls }: Evidence,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  const byMark = new Map([...histories.values()].map((history) => [history.mark, history]));
  const once = Map.groupBy(calls, ({ mark, step }) => `${mark} ${step}`);
  return [...once.values()].flatMap((same) => judge(same, byMark));
}

function judge(
  same: readonly CountedCall[],
  byMark: ReadonlyMap<string | undefined, AgentHistory>,
): Finding[] {
  const [first] = same;
  if (first === undefined) return [];
  const history = byMark.get(first.mark);
  const agentId = history?.agentId ?? first.mark;
  const call = `step ${first.step} under ${first.policy}`;
  const started = history === undefined ? 0 : startsOf(history, first.step);
  const unsaid = `${call} was made ${same.length} times, started ${started} times in the log`;
  const forbidden = breachOf(same, first.policy);
  return [
    ...(same.length > started ? [{ word: 'silent repeat', agentId, what: unsaid } as const] : []),
    ...(forbidden === undefined
      ? []
      : [{ word: 'doubled', agentId, what: `${call} was made ${forbidden}` } as const]),
  ];
}

/** How the calls break their policy. */
function breachOf(same: readonly CountedCall[], policy: string): string | undefined {
  if (policy === 'ask' || policy === 'fail') {
    return same.length > 1 ? `${same.length} times` : undefined;
  }
  if (policy !== 'key') return undefined;
  const keys = new Set(same.map(({ key }) => key));
  return keys.size > 1 || keys.has(undefined) ? `with ${keys.size} keys` : undefined;
}

interface AskedCall {
  readonly id: string;
  readonly arguments: unknown;
}

/** How often the log says that the call of this step was started. */
function startsOf(history: AgentHistory, step: number): number {
  const asked = eventsOf(history, 'ModelCallSettled').flatMap(({ data }) => {
    const { toolCalls = [] } = data['outcome'] as { readonly toolCalls?: readonly AskedCall[] };
    return toolCalls.filter((call) => stepOf(call) === step).map(({ id }) => id);
  });
  const starts = eventsOf(history, 'ToolCallStarted');
  return starts.filter(({ data }) => asked.includes(String(data['toolCallId']))).length;
}

function stepOf(call: AskedCall): number | undefined {
  try {
    return (JSON.parse(String(call.arguments)) as { readonly step?: number }).step;
  } catch {
    return undefined;
  }
}
