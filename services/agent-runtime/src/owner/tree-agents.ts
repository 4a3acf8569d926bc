import type { AgentId } from '@skynet/contracts';
import {
  isLive,
  isSpawned,
  TOPIC,
  type AgentState,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { WorldError } from '@skynet/platform';
import type { Agents } from './agents.js';
import { unlessUnreadable } from './unless-unreadable.js';

const MOST_RUNNING = 256;
/** Those that have ended and are looked at. */
const MOST_ENDED = 768;

const TREE_UNKNOWN =
  'UNAVAILABLE: the agents of your tree are not known now, nobody was told anything. Send it again.';
export const TREE_TOO_LARGE = `TOO_MANY_RECEIVERS: more than ${MOST_RUNNING} agents of your tree run; nobody was told anything. Tell agents by their ids.`;

interface Member {
  readonly agentId: AgentId;
  readonly isLive: boolean;
  readonly topics: readonly string[];
}

/** Whom of its tree a message of the agent is for. */
export interface Receivers {
  readonly others: readonly AgentId[];
  /** Subscribers that have ended. */
  readonly ended: readonly AgentId[];
}

/** Receivers of what is sent to the tree or to a topic; a text says why nobody can be told. */
export async function receiversFor(
  to: string,
  { spawned: { agentId, rootId } }: Pick<SpawnedAgent, 'spawned'>,
  agents: Pick<Agents, 'load'>,
): Promise<Receivers | string> {
  try {
    const members = await membersOf(rootId, agents);
    if (members === undefined) return TREE_TOO_LARGE;
    const others = members.filter((member) => member.agentId !== agentId && isFor(to, member));
    const idsWhere = (isTold: boolean) =>
      others.filter((member) => member.isLive === isTold).map((member) => member.agentId);
    return { others: idsWhere(true), ended: to === 'tree' ? [] : idsWhere(false) };
  } catch (error) {
    if (error instanceof WorldError) return TREE_UNKNOWN;
    throw error;
  }
}

function isFor(to: string, { topics }: Member): boolean {
  return to === 'tree' || topics.includes(to.slice(TOPIC.length));
}

/**
 * Level by level, below those that have ended as well: their children may go on, and a sender is told which subscribers have ended.
 * Undefined when too many run. An agent that was reserved and is not there yet runs soon; one that can't be read is none.
 */
async function membersOf(
  rootId: AgentId,
  agents: Pick<Agents, 'load'>,
): Promise<readonly Member[] | undefined> {
  const members: Member[] = [];
  let running: readonly AgentId[] = [rootId];
  let ended: readonly AgentId[] = [];
  let endedLeft = MOST_ENDED;
  while (running.length + ended.length > 0) {
    const runs = members.filter((member) => member.isLive).length;
    if (runs + running.length > MOST_RUNNING) return undefined;
    const level = await levelOf([...running, ...ended], agents);
    members.push(...level.members);
    running = level.running;
    ended = level.ended.slice(0, endedLeft);
    endedLeft -= ended.length;
  }
  return members;
}

interface Level {
  readonly members: readonly Member[];
  /** Children, by what their parents know. */
  readonly running: readonly AgentId[];
  readonly ended: readonly AgentId[];
}

async function levelOf(ids: readonly AgentId[], agents: Pick<Agents, 'load'>): Promise<Level> {
  const loaded = await Promise.all(
    ids.map(async (id) => ({ id, state: await unlessUnreadable(agents.load(id)) })),
  );
  const known = loaded.flatMap(({ id, state }) => (state === undefined ? [] : [{ id, state }]));
  const children = known.flatMap(({ state }) => (isSpawned(state) ? [...state.children] : []));
  const idsWhere = (isOver: boolean) =>
    children.filter(([, child]) => (child.ended !== undefined) === isOver).map(([id]) => id);
  return {
    members: known.flatMap(({ id, state }) => memberFrom(id, state)),
    running: idsWhere(false),
    ended: idsWhere(true),
  };
}

function memberFrom(agentId: AgentId, state: AgentState): Member[] {
  if (isSpawned(state)) return [{ agentId, isLive: isLive(state), topics: state.topics ?? [] }];
  return state.phase === 'absent' ? [{ agentId, isLive: true, topics: [] }] : [];
}
