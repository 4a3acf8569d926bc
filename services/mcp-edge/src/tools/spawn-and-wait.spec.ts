import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { rejection, spawnAgentTool, type AgentRow, type CommandEnvelope } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type CallFrom, type EdgeFixture } from '../testing/edge-fixture.js';
import { accepted } from '../testing/scripted-owner.js';
import type { Progress } from '../views/call-wait.js';
import type { ToolAnswer } from './edge-tool.js';

const TASK = { task: { description: 'count the stars' } };
const KEYED = { ...TASK, idempotencyKey: 'k1', waitSeconds: 30 };
const NEXT: unknown = expect.stringContaining('wait_agent');

let clock: ManualClock;
let edge: EdgeFixture;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
});

/** Calls, and goes on when the agent has been made. */
async function spawn(input: object, from: CallFrom = {}) {
  const answer = edge.call('spawn_agent', input, from);
  await clock.advance(0);
  const { agentId } = edge.owner.commands.at(-1)?.data as Pick<AgentRow, 'agentId'>;
  return { agentId, answer };
}

const isSeenAs = (agentId: AgentRow['agentId'], change: Partial<AgentRow>) =>
  edge.project(agentRow('made', { agentId, rootId: agentId, ...change }));

/** Whether the call is answered, without any time passing. */
async function isAnswered(answer: Promise<ToolAnswer<object>>): Promise<boolean> {
  const over = jest.fn();
  void answer.then(over);
  await clock.advance(0);
  return over.mock.calls.length > 0;
}

describe('a spawn that waits', () => {
  it('answers with the result the moment the agent ends', async () => {
    const { agentId, answer } = await spawn({ ...TASK, waitSeconds: 30 });
    await isSeenAs(agentId, { status: 'running' });
    expect(await isAnswered(answer)).toBe(false);
    await isSeenAs(agentId, { status: 'completed', revision: 9, output: '42' });
    expect(await isAnswered(answer)).toBe(true);
    const { output } = (await answer) as { output: object };
    const result = await edge.call('get_agent_result', { agentId });
    expect(output).toEqual({
      ...{ agentId, rootId: agentId, status: 'completed', logPosition: '7' },
      result: (result as { output: object }).output,
    });
    expect(spawnAgentTool.output.safeParse(output).success).toBe(true);
  });

  it('hears of an end that comes before the spawn is answered', async () => {
    edge.owner.answer = (command) => {
      const { agentId } = accepted(command);
      void isSeenAs(agentId as AgentRow['agentId'], { status: 'completed', output: '42' });
      return accepted(command);
    };
    const { answer } = await spawn({ ...TASK, waitSeconds: 30 });
    expect(await isAnswered(answer)).toBe(true);
    expect(await answer).toMatchObject({ output: { result: { output: '42' } } });
  });

  it('asks nobody for an agent that it has just made', async () => {
    const get = jest.spyOn(edge.rows, 'get');
    await spawn(KEYED);
    expect([get.mock.calls, edge.owner.questions]).toEqual([[], []]);
  });

  it('sees within five seconds an end whose hint was lost', async () => {
    const { agentId, answer } = await spawn({ ...TASK, waitSeconds: 30 });
    await edge.rows.put(agentId, agentRow('made', { agentId, status: 'completed', output: '42' }));
    await clock.advance(5_000);
    expect(await isAnswered(answer)).toBe(true);
  });

  it('can be a child', async () => {
    const parentId = agentIdNamed('parent');
    const { agentId, answer } = await spawn({ ...TASK, parentId, waitSeconds: 30 });
    expect(edge.owner.commands[0]?.data).toEqual({ agentId, parentId, arguments: TASK });
    await isSeenAs(agentId, { status: 'completed', output: '42', parentId });
    expect(await answer).toMatchObject({ output: { result: { output: '42' } } });
  });

  it('says why an agent failed', async () => {
    const { agentId, answer } = await spawn({ ...TASK, waitSeconds: 30 });
    const failure = { reason: 'MODEL_FAILED', message: 'no answer', retryable: true } as const;
    await isSeenAs(agentId, { status: 'failed', failure });
    expect(await answer).toMatchObject({
      output: { status: 'failed', result: { failure, partial: true } },
    });
  });

  it('answers with the first page of a long output', async () => {
    const { agentId, answer } = await spawn({ ...TASK, waitSeconds: 30 });
    await isSeenAs(agentId, { status: 'completed', output: 'x'.repeat(20_001) });
    expect(await answer).toMatchObject({ output: { result: { nextCursor: '20000' } } });
  });

  it.each([['20'], [20], [45]])('takes seconds as wait_agent does: %j', async (waitSeconds) => {
    const { answer } = await spawn({ ...TASK, waitSeconds });
    expect(await isAnswered(answer)).toBe(false);
    await clock.advance(45_000);
    expect(await answer).toHaveProperty('output');
  });

  it.each([[46], [-1], ['soon']])('is refused when it waits %j seconds', async (waitSeconds) => {
    expect(await edge.call('spawn_agent', { ...TASK, waitSeconds })).toMatchObject({
      refused: { code: 'INVALID_ARGUMENTS', message: expect.stringContaining('waitSeconds') },
    });
    expect(edge.owner.commands).toEqual([]);
  });
});

describe('a spawn that waits in vain', () => {
  it('answers with the status of then, and says how to go on', async () => {
    const { agentId, answer } = await spawn({ ...TASK, waitSeconds: 10 });
    await isSeenAs(agentId, { status: 'running' });
    await clock.advance(9_999);
    expect(await isAnswered(answer)).toBe(false);
    await clock.advance(1);
    const { output } = (await answer) as { output: object };
    expect(output).toEqual({
      ...{ agentId, rootId: agentId, status: 'running', logPosition: '7', next: NEXT },
    });
    expect(spawnAgentTool.output.safeParse(output).success).toBe(true);
  });

  it('counts what the spawn itself took', async () => {
    edge.owner.answer = () => undefined;
    const { answer } = await spawn({ ...TASK, waitSeconds: 10 });
    await clock.advance(1_000);
    edge.owner.reply(accepted(edge.owner.commands[0] as CommandEnvelope));
    await clock.advance(9_000);
    expect(await isAnswered(answer)).toBe(true);
  });

  it('names the agent also when nothing can be read', async () => {
    edge.rows.get = () => new Promise(() => undefined);
    const { agentId, answer } = await spawn({ ...TASK, idempotencyKey: 'k1', waitSeconds: 5 });
    await clock.advance(10_000);
    expect(await answer).toMatchObject({
      output: { agentId, status: 'queued', next: NEXT },
    });
  });

  it('names the agent also when its row is none', async () => {
    const { agentId, answer } = await spawn({ ...TASK, waitSeconds: 5 });
    await edge.rows.put(agentId, { nonsense: true });
    await clock.advance(5_000);
    expect(await answer).toMatchObject({ output: { agentId, next: NEXT } });
  });
});

describe('a spawn that is refused', () => {
  it('does not wait', async () => {
    edge.owner.answer = ({ id }) => ({
      id,
      ok: false,
      error: rejection('LIMIT_DEPTH', 'too deep'),
    });
    const { answer } = await spawn({ ...TASK, waitSeconds: 30 });
    expect(await isAnswered(answer)).toBe(true);
    expect(await answer).toMatchObject({ refused: { code: 'LIMIT_DEPTH' } });
  });
});

describe('a spawn that waits and is sent again', () => {
  it('is about the same agent and waits again, however long', async () => {
    const first = await spawn(KEYED);
    edge.owner.answer = (command) => ({ ...accepted(command), position: undefined });
    const second = await spawn({ ...KEYED, waitSeconds: 5 });
    expect(second.agentId).toBe(first.agentId);
    await isSeenAs(first.agentId, { status: 'completed', output: '42' });
    const ended = { status: 'completed', result: { output: '42' } };
    expect(await first.answer).toMatchObject({ output: ended });
    expect(await second.answer).toMatchObject({ output: { ...ended, repeated: true } });
  });

  it('answers at once for an agent that has ended', async () => {
    const { agentId } = await spawn(KEYED);
    await isSeenAs(agentId, { status: 'completed', output: '42' });
    edge.owner.answer = (command) => ({ ...accepted(command), position: undefined });
    const again = await spawn(KEYED);
    expect(await isAnswered(again.answer)).toBe(true);
  });

  it('is the same command, whether it waits or not', async () => {
    const { waitSeconds, ...plain } = KEYED;
    await spawn(KEYED);
    await spawn({ ...plain, waitSeconds: waitSeconds + 1 });
    await spawn(plain);
    const [first, ...others] = edge.owner.commands.map(({ data }) => data);
    expect(others).toEqual([first, first]);
  });

  it('is the same message without a key, whether it waits or not', async () => {
    const sent = { mark: 'message 1' };
    const first = await spawn({ ...TASK, waitSeconds: 30 }, sent);
    expect((await spawn(TASK, sent)).agentId).toBe(first.agentId);
  });
});

describe('a caller who calls off a spawn that waits', () => {
  it('is answered at once; the agent goes on and nothing is left behind', async () => {
    const stop = jest.fn();
    const onHint = edge.bus.onHint.bind(edge.bus);
    edge.bus.onHint = (subject, handler) => {
      const stopListening = onHint(subject, handler);
      return () => {
        stop();
        stopListening();
      };
    };
    const caller = new AbortController();
    const { agentId, answer } = await spawn(
      { ...TASK, waitSeconds: 30 },
      { signal: caller.signal },
    );
    await isSeenAs(agentId, { status: 'running' });
    await clock.advance(1_000);
    caller.abort();
    expect(await isAnswered(answer)).toBe(true);
    expect(await answer).toMatchObject({ output: { agentId, status: 'running', next: NEXT } });
    expect(edge.broker.published.map(({ subject }) => subject)).toEqual(['cmd.agents.SpawnAgent']);
    expect(stop).toHaveBeenCalledTimes(1);
  });
});

describe('the progress of a spawn that waits', () => {
  it('begins with the name of the agent and goes on as that of waiting', async () => {
    const reported: Progress[] = [];
    const report = async (progress: Progress) => void reported.push(progress);
    const { agentId, answer } = await spawn({ ...TASK, waitSeconds: 45 }, { report });
    await isSeenAs(agentId, { status: 'running', progress: { message: 'reading' } });
    await clock.advance(45_000);
    await answer;
    const times = reported.map(({ elapsedSeconds }) => elapsedSeconds);
    const gaps = [...times, 45].map((time, index) => time - (times[index - 1] ?? 0));
    expect(reported[0]).toEqual({
      elapsedSeconds: 0,
      totalSeconds: 45,
      message: `agent ${agentId}: queued`,
    });
    expect(reported[1]?.message).toBe('running: reading');
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});
