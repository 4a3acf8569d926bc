import { beforeEach, describe, expect, it } from '@jest/globals';
import { spawnAgentTool, type AgentRow, type CommandEnvelope } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';
import { accepted } from '../testing/scripted-owner.js';

const TASK = { task: { description: 'count the stars' } };
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let clock: ManualClock;
let edge: EdgeFixture;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
});

async function spawn(input: object, from = {}): Promise<string> {
  const answer = await edge.call('spawn_agent', input, from);
  if (isRefused(answer)) throw new Error(answer.refused.message);
  return spawnAgentTool.output.parse(answer.output).agentId;
}

function agentIdOf({ data }: CommandEnvelope): string {
  return (data as { agentId: string }).agentId;
}

describe('a spawn', () => {
  it('is a command in the name of the caller that expires soon', async () => {
    const agentId = await spawn({ ...TASK, priority: 7 }, { traceparent: TRACEPARENT });
    expect(edge.broker.published.map(({ subject }) => subject)).toEqual(['cmd.agents.SpawnAgent']);
    expect(edge.owner.commands).toEqual([
      {
        id: expect.any(String),
        type: 'SpawnAgent',
        tenant: 'acme',
        principal: 'alice',
        notAfterMs: SPAWNED_AT_MS + 1_800,
        traceparent: TRACEPARENT,
        data: { agentId, arguments: { ...TASK, priority: 7 } },
      },
    ]);
  });

  it('answers with the agent and its place in the log', async () => {
    const answer = await edge.call('spawn_agent', TASK);
    expect(answer).toEqual({
      output: {
        agentId: expect.stringMatching(/^[0-9a-f-]{14}8/),
        rootId: expect.any(String),
        status: 'queued',
        logPosition: '7',
      },
    });
  });

  it('can be a child', async () => {
    const parentId = agentIdNamed('parent');
    await spawn({ ...TASK, parentId });
    expect(edge.owner.commands[0]?.data).toMatchObject({ parentId, arguments: TASK });
  });

  it('makes a new agent each time', async () => {
    expect(await spawn(TASK)).not.toBe(await spawn(TASK));
  });
});

describe('a spawn with an idempotency key', () => {
  const keyed = { ...TASK, idempotencyKey: 'k1' };

  it('is about the same agent each time, whatever the arguments', async () => {
    const agentId = await spawn(keyed);
    expect(await spawn(keyed)).toBe(agentId);
    expect(await spawn({ ...keyed, priority: 1 })).toBe(agentId);
    expect(agentId).toMatch(/^[0-9a-f-]{14}8/);
  });

  it('is a command of its own: the answer to another one is not its answer', async () => {
    await spawn(keyed);
    await spawn(keyed);
    const [first, second] = edge.owner.commands;
    expect(second?.id).not.toBe(first?.id);
  });

  it('is told that the agent was there', async () => {
    edge.owner.answer = (command) => ({ ...accepted(command), position: undefined });
    expect(await edge.call('spawn_agent', keyed)).toMatchObject({ output: { repeated: true } });
  });

  it('is another agent for another tenant', async () => {
    expect(await spawn(keyed, { tenant: 'other' })).not.toBe(await spawn(keyed));
  });

  it('does not send the key', async () => {
    await spawn(keyed);
    expect(JSON.stringify(edge.owner.commands)).not.toContain('k1');
  });
});

describe('a spawn without a key whose message comes again', () => {
  const sent = { mark: 'message 1' };
  /** The agent that was made at that time, as its row says. */
  const isMade = (agentId: string, spawnedAtMs: number) =>
    edge.project(agentRow('made', { agentId: agentId as AgentRow['agentId'], spawnedAtMs }));

  it('is about the same agent, at another replica too', async () => {
    const agentId = await spawn(TASK, sent);
    expect(await Promise.all([spawn(TASK, sent), spawn(TASK, sent)])).toEqual([agentId, agentId]);
    edge = await edgeFixture(clock);
    expect(await spawn(TASK, sent)).toBe(agentId);
  });

  it.each([
    ['another message', TASK, { mark: 'message 2' }],
    ['other arguments', { ...TASK, priority: 1 }, sent],
    ['another parent', { ...TASK, parentId: agentIdNamed('parent') }, sent],
    ['another tenant', TASK, { ...sent, tenant: 'other' }],
    ['a key', { ...TASK, idempotencyKey: 'message 1' }, sent],
  ])('is about another agent with %s', async (_what, input, from) => {
    expect(await spawn(input, from)).not.toBe(await spawn(TASK, sent));
  });

  it.each([
    [59_999, true],
    [60_000, false],
  ])('is a repeat for a minute: after %d ms', async (laterMs, isRepeat) => {
    await clock.advance(30_000);
    const agentId = await spawn(TASK, sent);
    await isMade(agentId, clock.nowMs());
    await clock.advance(laterMs);
    expect((await spawn(TASK, sent)) === agentId).toBe(isRepeat);
  });

  it('finds an agent that has no row yet', async () => {
    await clock.advance(59_000);
    const agentId = await spawn(TASK, sent);
    edge.owner.rows.push(
      agentRow('made', { agentId: agentId as AgentRow['agentId'], spawnedAtMs: clock.nowMs() }),
    );
    await clock.advance(2_000);
    expect(await spawn(TASK, sent)).toBe(agentId);
  });

  it('is not carried out while nobody says whether there was one, unless it has a key', async () => {
    edge.rows.get = () => new Promise(() => undefined);
    const answer = edge.call('spawn_agent', TASK, sent);
    await clock.advance(1_500);
    expect(await answer).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
    expect(edge.owner.commands).toEqual([]);
    await spawn({ ...TASK, idempotencyKey: 'k1' });
  });
});

describe('a spawn that nobody answers', () => {
  it('is sent once more under the same id, then answered retryable', async () => {
    edge.owner.answer = () => undefined;
    const answer = edge.call('spawn_agent', { ...TASK, idempotencyKey: 'k1' });
    await clock.advance(2_000);
    const [first, second] = edge.owner.commands;
    expect(second).toEqual({ ...first, notAfterMs: SPAWNED_AT_MS + 3_800 });
    await clock.advance(2_500);
    expect(await answer).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
    expect(edge.owner.commands).toHaveLength(2);
  });

  it.each([[TASK], [{ ...TASK, idempotencyKey: 'k1' }]])(
    'names the agent to look for: %j',
    async (input) => {
      edge.owner.answer = () => undefined;
      const answer = edge.call('spawn_agent', input);
      await clock.advance(4_500);
      const agentId = agentIdOf(edge.owner.commands[0] as CommandEnvelope);
      expect(await answer).toMatchObject({
        refused: { code: 'UNAVAILABLE', message: expect.stringContaining(agentId) },
      });
    },
  );
});

describe('a spawn with wrong arguments', () => {
  it.each([
    [{}, 'task'],
    [{ task: { description: '' } }, 'task.description'],
    [{ ...TASK, limits: { tokens: -1, depth: 0.5 } }, 'limits.tokens'],
    [{ ...TASK, limits: { tokens: -1, depth: 0.5 } }, 'limits.depth'],
    [{ ...TASK, tools: ['fine__tool', 'rm -rf'] }, 'tools.1'],
    [{ ...TASK, parentId: '../etc' }, 'parentId'],
    [{ ...TASK, shell: 'bash' }, 'shell'],
    ['count the stars', 'arguments'],
  ])('sends nothing and names each: %j', async (input, path) => {
    const answer = await edge.call('spawn_agent', input);
    expect(answer).toMatchObject({
      refused: { code: 'INVALID_ARGUMENTS', message: expect.stringContaining(path) },
    });
    expect(edge.broker.published).toEqual([]);
  });
});

describe('a spawn by a viewer', () => {
  it('is refused and not sent', async () => {
    const answer = await edge.call('spawn_agent', TASK, { role: 'viewer' });
    expect(answer).toMatchObject({ refused: { code: 'FORBIDDEN' } });
    expect(edge.broker.published).toEqual([]);
  });
});
