import { beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentRow } from '@skynet/contracts';
import {
  LogFollower,
  MemoryEventStore,
  silentLogger as log,
  StreamsSetAside,
  type EventStore,
  type Position,
  type StoredEvent,
} from '@skynet/platform';
import { agentSpawned, anAgentId, ManualClock } from '@skynet/testing';
import { readCommit } from '../../log/agent-commit.js';
import { Agents } from '../../owner/agents.js';
import { unreadableStore } from '../../testing/faulty-store.js';
import { foldReadable } from './agent-row-fold.js';
import { AgentIndex } from './agent-index.js';
import { IndexFeed } from './index-feed.js';

const agentId = anAgentId();
const origin = { tenant: 'acme', principal: 'alice' };

let clock: ManualClock;
let store: EventStore;
let index: AgentIndex;
let bugs: unknown[];

/** An agent that was spawned, paused and terminated, each in a commit of its own. */
beforeEach(async () => {
  clock = new ManualClock();
  store = new MemoryEventStore();
  index = new AgentIndex();
  bugs = [];
  const agents = new Agents(store, clock);
  await agents.spawn(agentSpawned().data, origin);
  await agents.execute(agentId, { id: 'pause', type: 'PauseAgent', data: {} }, origin);
  const data = { reason: 'enough', reserved: false };
  await agents.execute(agentId, { id: 'end', type: 'TerminateAgent', data }, origin);
});

/** Follows the log behind its first `count` commits. */
async function followBehind(count: number, read: EventStore = store): Promise<LogFollower> {
  const feed = new IndexFeed(read, index, log);
  const follower = new LogFollower({
    store,
    prefix: streamNames.agentPrefix,
    handle: (commit) => feed.handle(readCommit(commit)),
    setAside: new StreamsSetAside(log),
    clock,
    log,
    onBug: (error) => bugs.push(error),
  });
  const started = follower.start(count === 0 ? undefined : (String(count) as Position));
  await clock.advance(10_000);
  await started;
  return follower;
}

async function rowOfTheLog(): Promise<AgentRow | undefined> {
  return foldReadable(undefined, await store.read(streamNames.agent(agentId)));
}

describe('an index', () => {
  it.each([0, 1, 2])('that is fed behind commit %i has the row of the whole log', async (count) => {
    await followBehind(count);
    expect(index.get(agentId)).toEqual(await rowOfTheLog());
    expect(index.get(agentId)?.status).toBe('terminated');
  });

  it('waits with the commit, and all after it, for what can not be read now', async () => {
    let failures = 3;
    const follower = await followBehind(
      2,
      unreadableStore(store, () => failures-- > 0),
    );
    expect(index.get(agentId)).toEqual(await rowOfTheLog());
    expect(follower.position).toBe(await store.head());
    expect([failures, bugs]).toEqual([-1, []]);
  });

  it('takes no word for the whole that leaves an event out', async () => {
    const lacking = (events: readonly StoredEvent[]) =>
      events.filter(({ revision }) => revision !== 1);
    let isLacking = true;
    const read: EventStore['read'] = async (stream, options) => {
      const events = await store.read(stream, options);
      return isLacking ? lacking(events) : events;
    };
    const following = followBehind(2, Object.assign(new MemoryEventStore(), { read }));
    await clock.advance(0);
    expect(index.get(agentId)).toBeUndefined();
    isLacking = false;
    await following;
    expect(index.get(agentId)).toEqual(await rowOfTheLog());
  });

  it('stays as it is when a commit comes again', async () => {
    await followBehind(0);
    const row = index.get(agentId);
    await followBehind(0);
    expect(index.get(agentId)).toBe(row);
  });
});
