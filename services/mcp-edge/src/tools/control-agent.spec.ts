import { beforeEach, describe, expect, it } from '@jest/globals';
import { rejection, type ToolName } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';

const agentId = agentIdNamed('a');

let clock: ManualClock;
let edge: EdgeFixture;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
});

const calls: readonly [ToolName, object, string, object][] = [
  ['pause_agent', {}, 'PauseAgent', {}],
  ['resume_agent', {}, 'ResumeAgent', {}],
  ['terminate_agent', {}, 'TerminateAgent', { reason: 'asked for by alice' }],
  ['terminate_agent', { reason: 'enough' }, 'TerminateAgent', { reason: 'enough' }],
  [
    'send_agent_message',
    { text: 'in French' },
    'SendAgentMessage',
    { text: 'in French', interrupts: false },
  ],
  [
    'send_agent_message',
    { text: 'stop that', interrupt: true },
    'SendAgentMessage',
    { text: 'stop that', interrupts: true },
  ],
  [
    'send_agent_message',
    { text: 'all of you', tree: true },
    'SendAgentMessage',
    { text: 'all of you', interrupts: false, tree: true },
  ],
  [
    'extend_agent',
    { add: { tokens: 10, seconds: 5 } },
    'ExtendAgent',
    { add: { tokens: 10, seconds: 5 } },
  ],
  [
    'answer_agent',
    { toolCallId: 't1', decision: 'retry' },
    'AnswerAgent',
    { toolCallId: 't1', answer: { decision: 'retry' } },
  ],
  [
    'answer_agent',
    { toolCallId: 't1', decision: 'happened', text: 'sent' },
    'AnswerAgent',
    { toolCallId: 't1', answer: { decision: 'happened', result: 'sent' } },
  ],
  [
    'answer_agent',
    { toolCallId: 't1', decision: 'failed', text: 'bounced' },
    'AnswerAgent',
    { toolCallId: 't1', answer: { decision: 'failed', message: 'bounced' } },
  ],
];

describe.each(calls)('%s %j', (name, input, type, data) => {
  it(`sends ${type} for the tenant of the caller`, async () => {
    const answer = await edge.call(name, { agentId, ...input });
    expect(answer).toMatchObject({ output: { agentId, status: 'queued' } });
    expect(edge.owner.commands).toMatchObject([
      { type, tenant: 'acme', principal: 'alice', data: { agentId, ...data } },
    ]);
  });

  it('gives the no of the owner', async () => {
    const error = rejection('AGENT_NOT_FOUND', 'there is no such agent');
    edge.owner.answer = ({ id }) => ({ id, ok: false, error });
    const answer = await edge.call(name, { agentId, ...input });
    expect(answer).toEqual({ refused: error });
  });

  it('is sent twice under one id, then answered retryable, when nobody answers', async () => {
    edge.owner.answer = () => undefined;
    const answer = edge.call(name, { agentId, ...input });
    await clock.advance(4_500);
    expect(await answer).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
    expect(new Set(edge.owner.commands.map(({ id }) => id)).size).toBe(1);
    expect(edge.owner.commands).toHaveLength(2);
  });

  it('is retryable when too much is queued', async () => {
    edge.broker.capacity = 0;
    const answer = await edge.call(name, { agentId, ...input });
    expect(answer).toMatchObject({ refused: { code: 'OVERLOADED' } });
  });

  it('sends nothing for a viewer or for a wrong id', async () => {
    const viewer = await edge.call(name, { agentId, ...input }, { role: 'viewer' });
    const wrongId = await edge.call(name, { ...input, agentId: '*' });
    expect(viewer).toMatchObject({ refused: { code: 'FORBIDDEN' } });
    expect(wrongId).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
    expect(edge.broker.published).toEqual([]);
  });
});

describe('the same control call made twice', () => {
  it('is two commands: the agent may have changed in between', async () => {
    await edge.call('pause_agent', { agentId });
    await edge.call('pause_agent', { agentId });
    expect(new Set(edge.owner.commands.map(({ id }) => id)).size).toBe(2);
  });
});

const idsOf = () => new Set(edge.owner.commands.map(({ id }) => id));

describe('a message to an agent', () => {
  it('is one command for one key, and another for another agent or key', async () => {
    const message = { agentId, text: 'in French', idempotencyKey: 'k' };
    await edge.call('send_agent_message', message);
    await edge.call('send_agent_message', message);
    expect(idsOf().size).toBe(1);
    await edge.call('send_agent_message', { ...message, agentId: agentIdNamed('b') });
    await edge.call('send_agent_message', { ...message, idempotencyKey: 'l' });
    expect(idsOf().size).toBe(3);
  });

  it.each(['', ' \n', 'x'.repeat(32 * 1024 + 1), 'é'.repeat(16 * 1024 + 1)])(
    'says something, and no more than 32 KiB',
    async (text) => {
      const answer = await edge.call('send_agent_message', { agentId, text });
      expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
      expect(edge.broker.published).toEqual([]);
    },
  );
});

describe('an extension', () => {
  it('is one command for one key, and another for another agent or key', async () => {
    const extension = { agentId, add: { tokens: 5 }, idempotencyKey: 'k' };
    for (const fields of [{}, {}, { agentId: agentIdNamed('b') }, { idempotencyKey: 'l' }])
      await edge.call('extend_agent', { ...extension, ...fields });
    expect(idsOf().size).toBe(3);
  });

  it.each([{}, { tokens: 0 }, { tokens: -1 }, { seconds: 0.5 }, { depth: 1 }, { seconds: 1e12 }])(
    'adds something that an agent can have: not %j',
    async (add) => {
      const answer = await edge.call('extend_agent', { agentId, add });
      expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
      expect(edge.broker.published).toEqual([]);
    },
  );
});

describe('an answer to a question', () => {
  it('is what people say', async () => {
    const input = { agentId, toolCallId: 'm1_0', decision: 'answered', text: 'the second' };
    await edge.call('answer_agent', input);
    expect(JSON.stringify(edge.broker.published)).toContain(
      '"answer":{"decision":"happened","result":"the second"}',
    );
  });
});

describe('an answer to a call in doubt', () => {
  it.each([
    { decision: 'retry', text: 'why?' },
    { decision: 'happened' },
    { decision: 'answered' },
    { decision: 'failed' },
    { decision: 'perhaps', text: 'x' },
  ])('needs a text exactly when it tells something: %j', async (input) => {
    const answer = await edge.call('answer_agent', { agentId, toolCallId: 't1', ...input });
    expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
    expect(edge.broker.published).toEqual([]);
  });
});
