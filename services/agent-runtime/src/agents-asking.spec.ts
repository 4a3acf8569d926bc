import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const ask = (input: object) => ({ name: 'ask_human', arguments: JSON.stringify(input) });

async function asking(...questions: object[]): Promise<AgentId> {
  const agentId = await world.spawn();
  (await world.models.next()).answer({ toolCalls: questions.map(ask) });
  await world.seen(agentId, 'AgentParked');
  return agentId;
}

const answer = (agentId: AgentId, toolCallId: string, result: string) =>
  world.send('AnswerAgent', { agentId, toolCallId, answer: { decision: 'happened', result } });

async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

describe('an agent that asks people', () => {
  it('holds no slot, shows its question, and goes on with the answer', async () => {
    const agentId = await asking({ question: 'Which?', choices: ['red', 'green'] });
    expect(await world.row(agentId)).toMatchObject({
      status: 'waiting',
      waitingFor: {
        kind: 'input',
        ids: ['m1_0'],
        questions: [{ toolCallId: 'm1_0', question: 'Which?', choices: ['red', 'green'] }],
      },
    });
    expect(world.running).toBe(0);
    expect(await answer(agentId, 'm1_0', 'blue')).toMatchObject({
      error: { code: 'INVALID_ARGUMENTS', message: expect.stringContaining('red, green') },
    });
    await answer(agentId, 'm1_0', 'green');
    const next = await world.models.next();
    expect(next.request.messages.at(-1)).toMatchObject({ content: 'green', isError: false });
    next.answer({ text: 'done' });
    await world.ended(agentId);
    await verifies(agentId);
  });

  it('goes on when all is answered', async () => {
    const agentId = await asking({ question: 'Which?' }, { question: 'Why?' });
    await answer(agentId, 'm1_1', 'because');
    expect((await world.row(agentId)).waitingFor?.ids).toEqual(['m1_0']);
    await answer(agentId, 'm1_0', 'this');
    const next = await world.models.next();
    expect(next.request.messages.slice(-2)).toMatchObject([
      { content: 'because' },
      { content: 'this' },
    ]);
    next.answer({ text: 'done' });
    await world.ended(agentId);
    await verifies(agentId);
  });

  it('goes on without an answer when the time is over', async () => {
    const agentId = await asking({ question: 'Which?', timeoutSeconds: 60 });
    await world.clock.advance(59_000);
    expect(world.typesOf(agentId)).not.toContain('AgentWoken');
    await world.clock.advance(2_000);
    const next = await world.models.next();
    expect(next.request.messages.at(-1)).toMatchObject({
      content: 'NO_ANSWER: nobody has answered in time.',
      isError: true,
    });
    next.answer({ text: 'done' });
    await world.ended(agentId);
    await verifies(agentId);
  });

  it('asks five questions a turn; of the others it is told', async () => {
    const agentId = await asking(...Array.from({ length: 7 }, () => ({ question: 'Which?' })));
    expect((await world.row(agentId)).waitingFor?.questions).toHaveLength(5);
    const refused = world.eventsOf(agentId).filter(({ type }) => type === 'ToolCallSettled');
    expect(JSON.stringify(refused)).toContain('TOO_MANY_QUESTIONS');
    expect(refused).toHaveLength(2);
  });
});
