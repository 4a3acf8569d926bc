import { beforeEach, describe, expect, it } from '@jest/globals';
import { agentIdOf, forkAgentTool, rejection, type AgentCommandData } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, TENANT } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';
import { accepted } from '../testing/scripted-owner.js';

interface Asked {
  readonly agentId: string;
  readonly at?: number;
}

let edge: EdgeFixture;
let eventsOfSource: number;
const agentId = agentIdNamed('one');
const nobody = agentIdNamed('nobody');
const plan = {
  at: 7,
  shared: [{ agentId, id: 'm1_0', name: 'files__write' }],
  again: [],
  inDoubt: [],
  agents: [],
};

beforeEach(async () => {
  edge = await edgeFixture(new ManualClock());
  eventsOfSource = plan.at;
  const answers: Record<string, (request: Asked) => unknown> = {
    forkPlan: ({ agentId: source, at = eventsOfSource }) =>
      source === nobody ? {} : { plan: { ...plan, at: Math.min(at, eventsOfSource) } },
    treeAt: () => ({ found: true, rows: [agentRow('one')] }),
    verify: () => ({
      verification: {
        agents: 1,
        events: 4,
        decisions: 2,
        requests: { checked: 1, unchecked: 0 },
        answers: { checked: 1, unchecked: 0 },
      },
    }),
    replay: () => ({}),
    payload: () => ({ text: 'a long text', next: 11 }),
    commits: (request) => ({ found: request.agentId !== nobody, commits: [] }),
  };
  for (const [query, answer] of Object.entries(answers)) {
    edge.bus.serve(`q.views.${query}`, 'owner', async ({ data }) => answer(data as Asked));
  }
});

describe('fork_agent', () => {
  it('hands on the context of its own client', async () => {
    const sent = { baggage: ['tier=gold'] };
    const context = { read: () => sent, tell: () => undefined };
    await edge.call('fork_agent', { agentId }, { context });
    expect(edge.owner.commands).toMatchObject([{ type: 'ForkAgent', context: sent }]);
  });

  it('sends the plan’s event and the wishes, and answers with what is not repeated', async () => {
    const answer = await edge.call('fork_agent', {
      agentId,
      at: 9,
      model: 'scripted:echo',
      message: 'mind the gap',
      limits: { tokens: 5 },
    });
    const [command] = edge.owner.commands;
    expect(command).toMatchObject({
      type: 'ForkAgent',
      tenant: TENANT,
      data: {
        from: { agentId, revision: 7 },
        model: { id: 'scripted:echo' },
        message: 'mind the gap',
        limits: { tokens: 5 },
      },
    });
    const fork = (command?.data as { agentId: string }).agentId;
    expect(fork).not.toBe(agentId);
    expect(answer).toMatchObject({ output: { ...plan, agentId: fork } });
  });

  it.each([
    ['the same key', { idempotencyKey: 'k' }, {}],
    ['the same message that comes again', {}, { mark: 'message 1' }],
  ])('makes the same fork for %s', async (_what, key, from) => {
    const answers = [
      await edge.call('fork_agent', { agentId, ...key }, from),
      await edge.call('fork_agent', { agentId, ...key }, from),
      await edge.call('fork_agent', { agentId, message: 'other' }, from),
    ];
    const [first, second, third] = answers.map(
      (answer) => isRefused(answer) || forkAgentTool.output.parse(answer.output).agentId,
    );
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('is the same fork when its source has gone on meanwhile, and says so', async () => {
    const from = { mark: 'message 1' };
    const first = await edge.call('fork_agent', { agentId }, from);
    const fork = isRefused(first) ? '' : forkAgentTool.output.parse(first.output).agentId;
    const forkedFrom = { agentId, revision: plan.at };
    edge.owner.rows.push(agentRow('fork', { agentId: agentIdOf(fork), forkedFrom }));
    eventsOfSource += 3;
    edge.owner.answer = (command) => {
      const { from } = command.data as AgentCommandData<'ForkAgent'>;
      return from.revision === plan.at
        ? { ...accepted(command), position: undefined }
        : { id: command.id, ok: false, error: rejection('IDEMPOTENCY_CONFLICT', 'other') };
    };
    expect(await edge.call('fork_agent', { agentId }, from)).toMatchObject({
      output: { agentId: fork, at: plan.at, repeated: true },
    });
    const further = await edge.call('fork_agent', { agentId, at: 9, idempotencyKey: 'k' });
    expect(further).toMatchObject({ refused: { code: 'IDEMPOTENCY_CONFLICT' } });
  });

  it.each([
    ['a viewer', { agentId }, { role: 'viewer' }, 'FORBIDDEN'],
    ['nobody’s agent', { agentId: nobody }, {}, 'AGENT_NOT_FOUND'],
    ['a limit that there is not', { agentId, limits: { patience: 1 } }, {}, 'INVALID_ARGUMENTS'],
    ['event 0', { agentId, at: 0 }, {}, 'INVALID_ARGUMENTS'],
  ] as const)('is refused for %s', async (_, input, from, code) => {
    const answer = await edge.call('fork_agent', input, from);
    expect(answer).toMatchObject({ refused: { code } });
    expect(edge.owner.commands).toEqual([]);
  });
});

describe('retry_agent', () => {
  const context = { read: () => ({ baggage: ['tier=gold'] }), tell: () => undefined };

  it('sends the wishes with the context of its own client, and says in whose place the agent is', async () => {
    const wishes = { message: 'mind the gap', limits: { tokens: 5 } };
    const input = { agentId, model: 'scripted:echo', ...wishes };
    const answer = await edge.call('retry_agent', input, { context });
    const [command] = edge.owner.commands;
    expect(command).toMatchObject({
      type: 'RetryAgent',
      tenant: TENANT,
      context: { baggage: ['tier=gold'] },
      data: { retryOf: agentId, model: { id: 'scripted:echo' }, ...wishes },
    });
    const made = (command?.data as { agentId: string }).agentId;
    expect(made).not.toBe(agentId);
    expect(answer).toMatchObject({ output: { agentId: made, retryOf: agentId } });
  });

  it.each([
    ['the same key', { idempotencyKey: 'k' }, {}],
    ['the same message that comes again', {}, { mark: 'message 1' }],
  ])('makes the same agent for %s, and another one without', async (_what, key, from) => {
    const answers = [
      await edge.call('retry_agent', { agentId, ...key }, from),
      await edge.call('retry_agent', { agentId, ...key }, from),
      await edge.call('retry_agent', { agentId }, { mark: 'message 2' }),
      await edge.call('fork_agent', { agentId, ...key }, from),
    ];
    const [first, second, third, fork] = answers.map(
      (answer) => isRefused(answer) || (answer.output as { agentId: string }).agentId,
    );
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(fork).not.toBe(first);
  });

  it.each([
    ['a viewer', { agentId }, { role: 'viewer' }, 'FORBIDDEN'],
    ['a limit that there is not', { agentId, limits: { patience: 1 } }, {}, 'INVALID_ARGUMENTS'],
    ['an event', { agentId, at: 3 }, {}, 'INVALID_ARGUMENTS'],
  ] as const)('is refused for %s', async (_, input, from, code) => {
    expect(await edge.call('retry_agent', input, from)).toMatchObject({ refused: { code } });
    expect(edge.owner.commands).toEqual([]);
  });
});

describe('replay_agent', () => {
  it('shows the tree of a moment, and what was decided again', async () => {
    const tree = await edge.call('replay_agent', { agentId, show: 'tree' });
    expect(tree).toMatchObject({ output: { tree: [{ agentId, events: 4, status: 'running' }] } });
    const verified = await edge.call('replay_agent', { agentId, show: 'verify' });
    expect(verified).toMatchObject({ output: { verification: { agents: 1 } } });
  });

  it('finds no agent where there is none, and none for a viewer', async () => {
    const missing = await edge.call('replay_agent', { agentId });
    expect(missing).toMatchObject({ refused: { code: 'AGENT_NOT_FOUND' } });
    const viewer = await edge.call('replay_agent', { agentId }, { role: 'viewer' });
    expect(viewer).toMatchObject({ refused: { code: 'FORBIDDEN' } });
  });
});

describe('export_agent', () => {
  it('gives logs and payloads in pages, to admins only', async () => {
    const admin = { role: 'admin' } as const;
    const page = await edge.call('export_agent', { agentId, payload: 'a'.repeat(64) }, admin);
    expect(page).toMatchObject({ output: { text: 'a long text', nextCursor: '11' } });
    expect(await edge.call('export_agent', { agentId }, admin)).toHaveProperty('output');
    const missing = await edge.call('export_agent', { agentId: nobody }, admin);
    expect(missing).toMatchObject({ refused: { code: 'AGENT_NOT_FOUND' } });
    const bad = await edge.call('export_agent', { agentId, cursor: 'x' }, admin);
    expect(bad).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
    const operator = await edge.call('export_agent', { agentId });
    expect(operator).toMatchObject({ refused: { code: 'FORBIDDEN' } });
  });
});
