import { streamNames, type CommandReply } from '@skynet/contracts';
import type { Step } from '../plan/step.js';
import type { SentCommand } from '../world/client.js';
import type { Evidence } from './evidence.js';

type Accepted = Extract<CommandReply, { ok: true }>;
type World = Evidence['world'];

/** What was taken up in time is in the log so much later at most: reads and lost races come before. */
const UNDER_WAY_MS = 3_000;

/** What clients were told is so; in the end all get answers. */
export function findBrokenPromises(evidence: Evidence): string[] {
  const { quietMs, sent, world } = evidence;
  return sent.flatMap((command) => {
    const { atMs, reply, type } = command;
    const name = `${type} at ${atMs.toFixed(0)} ms`;
    const late = tookEffectLate(command, evidence).map((how) => `${name} ${how}`);
    if (late.length > 0) return late;
    if (reply === undefined) return atMs > quietMs ? [`${name} was never answered`] : [];
    if (!reply.ok) return [];
    const broken = [...unkept(command, world), ...unlogged(command, reply, world)];
    return broken.map((how) => `${name} was accepted${how}`);
  });
}

/** Whoever was told nothing in time may count on it that nothing comes any more. */
function tookEffectLate(
  { id, agentId, validUntilMs }: SentCommand,
  { plan, world: { log } }: Evidence,
): string[] {
  if (plan.steps.some(letsCommandsBeLate)) return [];
  const spawning = `${agentId}:${id}`;
  const commits = log.streams.get(streamNames.agent(agentId)) ?? [];
  const caused = commits
    .flatMap(({ events }) => events)
    .find(({ metadata: { causationId } }) => causationId === id || causationId === spawning);
  const atMs = caused && log.agents.get(agentId)?.events[caused.revision]?.atMs;
  if (atMs === undefined || atMs <= validUntilMs + UNDER_WAY_MS) return [];
  return [`took effect ${(atMs - validUntilMs).toFixed(0)} ms after its time`];
}

/** A process that stands still has taken up what it goes on with; to a clock that is behind nothing comes too late. */
function letsCommandsBeLate(step: Step): boolean {
  if (step.do === 'clock') return step.forMs !== undefined && step.skewMs < 0;
  return step.do === 'stop' || step.do === 'stopAfter';
}

function unkept({ id, type, agentId, isOther }: SentCommand, { log }: World): string[] {
  if (type === 'SendAgentMessage') {
    const { events = [] } = log.agents.get(agentId) ?? {};
    const isThere = events.some(({ data }) => data['messageId'] === id);
    return isThere ? [] : [', and the message is not in the log'];
  }
  if (type !== 'SpawnAgent') return [];
  const agent = log.agents.get(agentId);
  if (agent === undefined) return [', and there is no such agent'];
  const { path } = agent;
  return isOther === path.endsWith('x') ? [] : [` for ${path}, with other arguments`];
}

/** A child is reserved by its parent first. */
const BEGINS = new Set(['AgentSpawned', 'ChildReserved']);

/** At the place that its sender was told stands what the command changed, and stood there by then. */
function unlogged(
  { id, type, agentId, answeredMs = 0 }: SentCommand,
  { position, revision }: Accepted,
  { log }: World,
): string[] {
  const events = log.agents.get(agentId)?.events ?? [];
  const newest = events[revision];
  if (newest === undefined || newest.atMs > answeredMs)
    return [`, and event ${revision} was not in the log`];
  if (position === undefined) return [];
  const commit = log.entries[Number(position) - 1]?.commit;
  // What spawns has the same id for all who ask for the same agent.
  const isThere = commit?.events.some(({ metadata, type: logged }) =>
    type === 'SpawnAgent' ? BEGINS.has(logged) : metadata.causationId === id,
  );
  return isThere ? [] : [` as ${position}, where the log has nothing of it`];
}
