import { beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentEvent, type AgentId } from '@skynet/contracts';
import { agentSpanId } from '@skynet/platform';
import {
  agentAdmitted,
  agentSpawned,
  anAgentId,
  childEnded,
  eventually,
  runStarted,
  ManualClock,
  RecordingTracing,
} from '@skynet/testing';
import type { AgentCommit } from '../log/agent-commit.js';
import {
  asked,
  BORN_MS,
  CLIENT,
  completed,
  lengthOf,
  parked,
  TracedAgents,
  traceparentOf,
  UNSAMPLED,
} from '../testing/traced-agents.js';

const root = anAgentId(1);
const child = anAgentId(2);
const began = (epoch: number) => runStarted({ epoch, workerId: `worker-${epoch}` });
const terminated: AgentEvent = { type: 'AgentTerminated', data: { reason: 'enough' } };
const spawned = (agentId: AgentId, fields: object = {}) =>
  agentSpawned({ agentId, rootId: root, ...fields });

let agents: TracedAgents<RecordingTracing>;
let clock: ManualClock;
let tracing: RecordingTracing;

beforeEach(() => {
  clock = new ManualClock();
  agents = new TracedAgents(clock, () => new RecordingTracing());
  ({ tracing } = agents.leader);
});

const happens: TracedAgents<RecordingTracing>['happens'] = (...commit) => agents.happens(...commit);

describe('what is sent', () => {
  it('is nothing of agents whose trace is not sampled, and nothing by one who does not lead', async () => {
    const follower = agents.replica();
    const unsampled = agents.commit(root, 0, [spawned(root), completed], UNSAMPLED);
    agents.leader.traces.handle(unsampled);
    follower.traces.handle(agents.commit(child, 0, [spawned(child), completed], CLIENT));
    await clock.advance(1_000);
    expect([tracing.spans, follower.tracing.spans]).toEqual([[], []]);
  });

  it('is told by who leads next, when it reads the end again', async () => {
    const next = agents.replica();
    await happens(root, 0, spawned(root));
    await happens(root, 5_000, agentAdmitted());
    await happens(root, 9_000, completed);
    for (const commit of agents.commits) next.traces.handle(commit);
    expect(next.tracing.spans).toEqual([]);
    next.traces.lead();
    for (const commit of agents.commits.slice(1)) next.traces.handle(commit);
    expect(next.tracing.spans.map(({ name }) => name)).toEqual([
      'queued',
      'invoke_agent count the stars',
    ]);
  });

  it.each([
    ['lives on', agentAdmitted(), []],
    ['has ended meanwhile', completed, ['invoke_agent count the stars']],
  ])('is the start of one that nobody led to tell, when it %s', async (_, then, ends) => {
    const next = agents.replica();
    const handle = (atMs: number, event: AgentEvent) =>
      next.traces.handle(agents.commit(root, atMs, [event], CLIENT));
    handle(0, spawned(root));
    await clock.advance(1_000);
    handle(1_000, then);
    next.traces.lead();
    for (const commit of agents.commits) next.traces.handle(commit);
    await clock.advance(1_000);
    const names = next.tracing.spans.map(({ name }) => name);
    expect(names).toEqual(['create_agent count the stars', 'queued', ...ends]);
    for (const commit of agents.commits) next.traces.handle(commit);
    expect(next.tracing.spans).toHaveLength(names.length);
  });

  it('is sent once, also when all of the log is read again', async () => {
    await happens(root, 0, spawned(root), agentAdmitted(), runStarted());
    await happens(root, 300, completed);
    for (const commit of agents.commits) agents.leader.traces.handle(commit);
    expect(tracing.spans).toHaveLength(1);
    const next = agents.replica();
    next.traces.lead();
    await clock.advance(16 * 60_000);
    for (const commit of agents.commits) next.traces.handle(commit);
    expect(next.tracing.spans).toEqual([]);
  });

  describe('by one who began to read later', () => {
    let later: ReturnType<TracedAgents<RecordingTracing>['replica']>;
    const handles = () => later.traces.handle(agents.commits.at(-1) as AgentCommit);
    const names = () => later.tracing.spans.map(({ name }) => name);
    beforeEach(() => {
      later = agents.replica();
      later.traces.lead();
    });

    it('is what it would have been: lost runs, waits, and what happened', async () => {
      await happens(root, 0, spawned(root), agentAdmitted(), began(1), asked('m1'));
      agents.heardMs = BORN_MS + 4_300;
      await happens(root, 6_000, began(2));
      handles();
      await happens(root, 7_000, parked);
      handles();
      await happens(root, 70_000, completed);
      handles();
      await eventually(() => expect(names()).toHaveLength(3));
      const { spans } = later.tracing;
      expect(spans.map((span) => [span.name, ...lengthOf(span), span.error?.type])).toEqual([
        ['run 1', 0, 4_300, 'worker_lost'],
        ['chat scripted:echo', 0, 4_300, 'worker_lost'],
        ['invoke_agent count the stars', 0, 70_000, undefined],
      ]);
      expect(spans[2]).toMatchObject({ parent: CLIENT, attributes: { 'gen_ai.agent.id': root } });
      expect(spans[2]?.events.map(({ name }) => name)).toEqual([
        'agent queued',
        'agent admitted',
        'agent waiting',
      ]);
    });

    it('is a start span, where the agent was too young to have had one for sure', async () => {
      await happens(root, 0, spawned(root), agentAdmitted(), began(1));
      await happens(root, 6_000, began(2));
      handles();
      await eventually(() => expect(names()).toEqual(['run 1']));
      await clock.advance(400);
      expect(names()).toEqual(['run 1', 'create_agent count the stars']);
      await happens(child, 6_010, spawned(child, { parentId: root, depth: 1 }));
      await happens(child, 6_020, completed);
      handles();
      await eventually(() => expect(names()).toHaveLength(3));
      expect(later.tracing.spans[2]?.traceparent).toBe(traceparentOf(agentSpanId(child)));
    });

    it('is a wait as well that ends by what no run has done', async () => {
      await happens(root, 0, spawned(root), agentAdmitted(), began(1));
      const wait = { toolCallId: 'w', childIds: [child], mode: 'all' as const, needed: 1 };
      await happens(root, 100, { type: 'AwaitStarted', data: wait }, parked);
      const ended: AgentEvent = { type: 'AwaitEnded', data: { toolCallId: 'w', reason: 'met' } };
      const woken = agents.commit(root, 90_000, [childEnded(child), ended], undefined);
      later.traces.handle(woken);
      await eventually(() => expect(names()).toEqual(['execute_tool w']));
      expect(later.tracing.spans.map(lengthOf)).toEqual([[100, 90_000]]);
    });

    it('is read once of an agent that nobody traces, and not at all of one that was born since', async () => {
      const unsampled = (agentId: AgentId, event: AgentEvent) =>
        agents.commit(agentId, 0, [event], agentId === root ? undefined : UNSAMPLED);
      unsampled(root, spawned(root));
      later.traces.handle(unsampled(root, agentAdmitted()));
      later.traces.handle(unsampled(root, began(1)));
      later.traces.handle(unsampled(child, spawned(child)));
      later.traces.handle(unsampled(child, agentAdmitted()));
      await clock.advance(1_000);
      expect([later.readsOf(root), later.readsOf(child)]).toEqual([1, 0]);
      expect(names()).toEqual([]);
    });

    it('is nothing of what comes after an end', async () => {
      await happens(root, 0, spawned(root));
      await happens(root, 10, completed);
      await happens(root, 20, childEnded(child));
      handles();
      await clock.advance(1_000);
      expect(names()).toEqual([]);
    });

    it('is the end as well that a client has made whose own call is not sampled', async () => {
      await happens(root, 0, spawned(root), agentAdmitted(), began(1));
      later.traces.handle(agents.commit(root, 5_000, [terminated], UNSAMPLED));
      await eventually(() => expect(names()).toEqual(['invoke_agent count the stars']));
    });

    describe('whose life is still being read', () => {
      beforeEach(() => happens(root, 0, spawned(root), agentAdmitted(), began(1)));

      it('is settled when it is sent', async () => {
        await happens(root, 6_000, completed);
        handles();
        await later.traces.settled();
        expect(names()).toEqual(['invoke_agent count the stars']);
      });

      it('holds up nobody for long', async () => {
        later.hangs();
        await happens(root, 6_000, completed);
        handles();
        const settled = later.traces.settled();
        await clock.advance(5_000);
        await settled;
        expect(names()).toEqual([]);
      });

      it('is sent by the same one that leads again, when nobody did meanwhile', async () => {
        await happens(root, 6_000, completed);
        handles();
        later.traces.follow();
        await later.traces.settled();
        expect(names()).toEqual([]);
        later.traces.lead();
        handles();
        await later.traces.settled();
        expect(names()).toEqual(['invoke_agent count the stars']);
      });

      it('is no start of one whose log can not be read on', async () => {
        await happens(root, 500, parked);
        handles();
        later.traces.handleFault({ stream: streamNames.agent(root) });
        await later.traces.settled();
        await clock.advance(1_000);
        expect(names()).toEqual([]);
      });
    });

    it('is tried again with the next event where the life could not be read', async () => {
      await happens(root, 0, spawned(root), agentAdmitted(), began(1));
      agents.damaged.add(root);
      await happens(root, 5_000, began(2));
      handles();
      await later.traces.settled();
      expect(names()).toEqual([]);
      agents.damaged.clear();
      await happens(root, 6_000, completed);
      handles();
      await later.traces.settled();
      expect(names()).toEqual(['invoke_agent count the stars']);
    });
  });

  it('is the life of a retry with a link to the attempt before', async () => {
    await happens(child, 0, spawned(child), agentAdmitted());
    await happens(child, 100, terminated);
    const from = { agentId: child, revision: 3 };
    const forked: AgentEvent = {
      type: 'AgentForked',
      data: { from, modelCalls: 0, toolCalls: [], awaits: [] },
    };
    const retried: AgentEvent = { type: 'RetryStarted', data: { retryOf: child } };
    await happens(root, 200, spawned(root), forked, retried, agentAdmitted());
    await happens(root, 300, completed);
    await eventually(() =>
      expect(tracing.spans.map(({ links }) => links)).toContainEqual([
        traceparentOf(agentSpanId(child)),
      ]),
    );
  });

  it('is the life of a fork without a link, where what it began with can not be read', async () => {
    agents.damaged.add(child);
    const from = { agentId: child, revision: 3 };
    const forked: AgentEvent = {
      type: 'AgentForked',
      data: { from, modelCalls: 0, toolCalls: [], awaits: [] },
    };
    await happens(root, 0, spawned(root), forked, agentAdmitted());
    await happens(root, 100, completed);
    await eventually(() =>
      expect(tracing.spans.map(({ name }) => name)).toEqual(['invoke_agent count the stars']),
    );
  });
});
