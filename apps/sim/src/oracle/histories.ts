import { dataAs, type LoggedAgent, type SeenEvent } from '../world/logged-agents.js';
import { isTerminal } from './budgets.js';
import type { Evidence } from './evidence.js';

/** What may still come in the stream of an agent that has ended. */
const AFTER_THE_END = new Set(['ModelCallSettled', 'ToolCallSettled', 'ChildEnded']);

/** Each stream is one history: one end, one outcome of each call, runs one after the other, nothing while paused. */
export function findForked({ world }: Evidence): string[] {
  const { agents } = world.log;
  return [...agents.values()].flatMap((agent) =>
    [
      ...endsOf(agent),
      ...runsOf(agent),
      ...repeatsOf(agent),
      ...startsWhilePaused(agent),
      ...waitsOf(agent),
      ...wrongEnds(agent, agents),
    ].map((what) => `${agent.path} ${what}`),
  );
}

function endsOf({ events }: LoggedAgent): string[] {
  const end = events.findIndex(({ type }) => isTerminal(type));
  if (end < 0) return [];
  const later = events.slice(end + 1).filter(({ type }) => !AFTER_THE_END.has(type));
  return later.map(({ type }) => `has ${type} behind its end`);
}

/** What the worker of a run alone decides on. */
const OF_A_RUN = new Set(['ModelCallStarted', 'ModelCallSettled', 'RunYielded', 'AgentCompleted']);

/** Runs are counted up by one, and what a run does is written by its worker, under its own number, before the next begins. */
function runsOf({ events }: LoggedAgent): string[] {
  let [run, written, worker] = [0, 0, ''];
  return events.flatMap(({ type, data, epoch, by }, index) => {
    const wrong: string[] = [];
    if (OF_A_RUN.has(type) && by !== worker)
      wrong.push(`has ${type} of ${by} in run ${run}, which is that of ${worker}`);
    if (type === 'RunStarted') {
      worker = String(data['workerId']);
      if (data['epoch'] !== run + 1) wrong.push(`begins run ${String(data['epoch'])} after ${run}`);
      run += 1;
    }
    if (epoch < written)
      wrong.push(`has event ${index} of run ${epoch} behind one of run ${written}`);
    written = Math.max(written, epoch);
    return wrong;
  });
}

const once: Readonly<Record<string, string>> = {
  AgentSpawned: 'agentId',
  ModelCallStarted: 'callId',
  ModelCallSettled: 'callId',
  ToolCallSettled: 'toolCallId',
  ChildReserved: 'childId',
  ChildEnded: 'childId',
  AwaitEnded: 'toolCallId',
  MessageReceived: 'messageId',
};

function repeatsOf({ events }: LoggedAgent): string[] {
  const seen = new Set<string>();
  return events.flatMap(({ type, data }) => {
    const key = once[type];
    if (key === undefined) return [];
    const name = `${type} of ${String(data[key])}`;
    if (seen.has(name)) return [`has ${name} twice`];
    seen.add(name);
    return [];
  });
}

/** A new run may begin under a pause to settle what a lost one left; nothing else does. */
function startsWhilePaused({ events }: LoggedAgent): string[] {
  let isPaused = false;
  return events.flatMap(({ type }, index) => {
    if (type === 'AgentPaused') isPaused = true;
    if (type === 'AgentResumed') isPaused = false;
    const starts = type === 'ModelCallStarted' || type === 'AgentAdmitted';
    return isPaused && starts ? [`has ${type} at event ${index}, while it is paused`] : [];
  });
}

interface Wait {
  readonly toolCallId: string;
  readonly childIds: readonly string[];
  readonly mode: string;
  readonly needed: number;
}

/** A wait is over when enough have ended, and not before. */
function waitsOf({ events }: LoggedAgent): string[] {
  const ended = new Set<unknown>();
  const waits = new Map<string, Wait>();
  return events.flatMap(({ type, data }) => {
    if (type === 'ChildEnded') ended.add(data['childId']);
    if (type === 'AwaitStarted') {
      const wait = dataAs<Wait>(data);
      waits.set(wait.toolCallId, wait);
      return wait.needed === neededBy(wait)
        ? []
        : [`waits for ${wait.needed} in mode ${wait.mode}`];
    }
    if (type !== 'AwaitEnded' || data['reason'] !== 'met') return [];
    const wait = waits.get(String(data['toolCallId']));
    const had = wait?.childIds.filter((id) => ended.has(id)).length ?? 0;
    return wait !== undefined && had < wait.needed
      ? [`goes on after ${had} of ${wait.needed} ends`]
      : [];
  });
}

function neededBy({ mode, childIds, needed }: Wait): number {
  // For a message, and no child.
  if (childIds.length === 0 && needed === 1) return 1;
  if (mode === 'all') return childIds.length;
  return mode === 'any' ? Math.min(1, childIds.length) : needed;
}

/** Parents are told how their children ended. */
function wrongEnds({ events }: LoggedAgent, agents: ReadonlyMap<string, LoggedAgent>): string[] {
  return events.flatMap((event) => {
    if (event.type !== 'ChildEnded') return [];
    const child = agents.get(String(event.data['childId']));
    const end = child?.events.find(({ type }) => isTerminal(type));
    return end === undefined ? [] : wrongEnd(event, end);
  });
}

function wrongEnd({ data, place }: SeenEvent, end: SeenEvent): string[] {
  const status = end.type.replace('Agent', '').toLowerCase();
  const told = String(data['status']);
  const wrong: string[] = [];
  if (place < end.place) wrong.push('was told of an end before it came');
  if (status !== 'refused' && told !== status)
    wrong.push(`was told ${told} of an end that is ${status}`);
  if (status === 'failed' && data['failure'] === undefined) wrong.push('was not told of a failure');
  return wrong;
}
