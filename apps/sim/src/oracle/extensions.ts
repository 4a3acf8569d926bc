import { streamNames, type Extension } from '@skynet/contracts';
import type { SentCommand } from '../world/client.js';
import { dataAs, type LoggedAgent, type SeenEvent } from '../world/logged-agents.js';
import type { Evidence } from './evidence.js';

interface Limits {
  readonly tokens: number;
  readonly costMicroUsd: number;
  readonly deadlineMs: number;
  readonly descendants: number;
}

const amounts = ['tokens', 'costMicroUsd', 'deadlineMs', 'descendants'] as const;

/** What children have their parents have set aside before, each extension is made once, and nobody ends before its newest deadline. */
export function findWrongExtensions(evidence: Evidence): string[] {
  const { plan, sent, world } = evidence;
  const { agents } = world.log;
  const areClocksRight = plan.steps.every((step) => step.do !== 'clock');
  return [
    ...[...agents.values()].flatMap((agent) => {
      const parent = agents.get(agent.parentId ?? '');
      const early = areClocksRight ? expiredEarly(agent) : [];
      const wrong = parent === undefined ? [] : unreserved(agent, parent);
      return [...early, ...wrong, ...wrongSums(agent)].map((what) => `${agent.path} ${what}`);
    }),
    ...sent.flatMap((command) => madeOtherwise(command, evidence)),
  ];
}

/** The deadline that an agent has after the last of these events, epoch milliseconds. */
export function deadlineMsOf(events: readonly SeenEvent[]): number {
  return limitsAfter(events)?.deadlineMs ?? Infinity;
}

function limitsAfter(events: readonly SeenEvent[]): Limits | undefined {
  const last = events.findLast(({ type }) => type === 'AgentSpawned' || type === 'LimitsExtended');
  return last && limitsOf(last);
}

function limitsOf({ data }: SeenEvent): Limits {
  return dataAs<Limits>(data['limits']);
}

function expiredEarly({ events }: LoggedAgent): string[] {
  const end = events.findIndex(({ type }) => type === 'AgentExpired');
  const early = deadlineMsOf(events.slice(0, Math.max(0, end))) - (events[end]?.timeMs ?? Infinity);
  return early > 0 ? [`expires ${early.toFixed(0)} ms before its deadline`] : [];
}

/** All that a child has was set aside for it by then, and no child lives longer than its parent may. */
function unreserved(child: LoggedAgent, parent: LoggedAgent): string[] {
  return child.events.flatMap((event) => {
    if (event.type !== 'LimitsExtended') return [];
    const before = parent.events.filter(({ place }) => place < event.place);
    const aside = before.findLast((one) => isFor(child, one));
    const limits = limitsOf(event);
    if (limits.deadlineMs > deadlineMsOf(before)) return ['may live longer than its parent'];
    const has = aside && limitsOf(aside);
    const more = amounts.filter((name) => limits[name] > (has?.[name] ?? 0));
    return more.map((name) => `has ${limits[name]} ${name} of ${has?.[name]} set aside`);
  });
}

/** What is set aside for a child is what was, and what was asked for. */
function wrongSums({ events }: LoggedAgent): string[] {
  const aside = new Map<unknown, Limits>();
  return events.flatMap((event) => {
    const { type, data } = event;
    if (type !== 'ChildReserved' && type !== 'ChildExtended') return [];
    const before = aside.get(data['childId']);
    const after = limitsOf(event);
    aside.set(data['childId'], after);
    if (type === 'ChildReserved' || before === undefined) return [];
    const { seconds = 0, ...add } = dataAs<Extension>(data['add']);
    const more: Extension & { readonly deadlineMs: number } = {
      ...add,
      deadlineMs: seconds * 1_000,
    };
    const wrong = amounts.filter((name) => after[name] !== before[name] + (more[name] ?? 0));
    return wrong.map((name) => `sets ${after[name]} ${name} aside, after ${before[name]}`);
  });
}

function isFor({ agentId }: LoggedAgent, { type, data }: SeenEvent): boolean {
  const isAside = type === 'ChildReserved' || type === 'ChildExtended';
  return isAside && data['childId'] === agentId;
}

/**
 * Accepted is what stands in the log once, in the stream of the agent or its parent. What was refused may be taken up again
 * as it is delivered again, and be made then, no more than once.
 */
function madeOtherwise(
  { id, type, agentId, atMs, reply }: SentCommand,
  { world }: Evidence,
): string[] {
  if (type !== 'ExtendAgent' || reply === undefined) return [];
  const { agents, streams } = world.log;
  const parentId = agents.get(agentId)?.parentId;
  const own = [agentId, ...(parentId === undefined ? [] : [parentId])];
  const caused = own
    .flatMap((one) => streams.get(`${streamNames.agentPrefix}${one}`) ?? [])
    .flatMap(({ events }) => events)
    .filter(({ metadata }) => metadata.causationId === id);
  const least = reply.ok ? 1 : 0;
  if (caused.length === least || caused.length === 1) return [];
  const name = `an extension at ${atMs.toFixed(0)} ms`;
  return [`${name} was ${reply.ok ? 'accepted' : 'refused'}, and made ${caused.length} times`];
}
