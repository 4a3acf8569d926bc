import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { waitAgentTool } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type CallFrom, type EdgeFixture } from '../testing/edge-fixture.js';
import type { Progress } from '../views/call-wait.js';
import type { ToolAnswer } from './edge-tool.js';

const RUNNING = agentRow('a', { progress: { message: 'reading' } });
const COMPLETED = agentRow('a', { status: 'completed', revision: 9 });

let clock: ManualClock;
let edge: EdgeFixture;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
  await edge.project(RUNNING);
});

function wait(timeoutSeconds: number, from: CallFrom = {}): Promise<ToolAnswer<object>> {
  return edge.call('wait_agent', { agentId: RUNNING.agentId, timeoutSeconds }, from);
}

/** Whether the wait is over, without any time passing. */
async function isOver(waiting: Promise<unknown>): Promise<boolean> {
  const over = jest.fn();
  void waiting.then(over);
  await clock.advance(0);
  return over.mock.calls.length > 0;
}

describe('waiting for an agent', () => {
  it('ends the moment the agent does', async () => {
    const waiting = wait(45);
    expect(await isOver(waiting)).toBe(false);
    await edge.project(COMPLETED);
    expect(await isOver(waiting)).toBe(true);
    const answer = await waiting;
    expect(answer).toMatchObject({ output: { status: 'completed' } });
    expect(waitAgentTool.output.safeParse(isRefused(answer) || answer.output).success).toBe(true);
  });

  it('sees an end that came between the first look and the waiting', async () => {
    const get = edge.rows.get.bind(edge.rows);
    edge.rows.get = async (key) => {
      const before = await get(key);
      edge.rows.get = get;
      await edge.project(COMPLETED);
      return before;
    };
    expect(await isOver(wait(45))).toBe(true);
  });

  it('answers at once for an agent that has ended', async () => {
    await edge.project(COMPLETED);
    expect(await isOver(wait(45))).toBe(true);
  });

  it('gives the status of then when the time is up', async () => {
    const waiting = wait(10);
    await clock.advance(9_999);
    expect(await isOver(waiting)).toBe(false);
    await clock.advance(1);
    expect(await waiting).toMatchObject({ output: { status: 'running' } });
  });

  it('of no seconds is a look', async () => {
    expect(await isOver(wait(0))).toBe(true);
  });

  it('sees within five seconds an end whose hint was lost', async () => {
    const waiting = wait(45);
    await clock.advance(1_000);
    await edge.rows.put(COMPLETED.agentId, COMPLETED);
    await clock.advance(3_999);
    expect(await isOver(waiting)).toBe(false);
    await clock.advance(1);
    expect(await isOver(waiting)).toBe(true);
  });

  it('does not read at each sign of life', async () => {
    const waiting = wait(45);
    await clock.advance(0);
    const get = jest.spyOn(edge.rows, 'get');
    for (let revision = 4; revision < 50; revision += 1) {
      await edge.project({ ...RUNNING, revision });
    }
    await clock.advance(0);
    expect(get).not.toHaveBeenCalled();
    await edge.project(COMPLETED);
    await waiting;
  });

  it('is at most 45 seconds long', async () => {
    expect(await wait(46)).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
  });
});

describe('the progress of waiting', () => {
  const reported: Progress[] = [];
  const report = async (progress: Progress) => void reported.push(progress);
  beforeEach(() => {
    reported.length = 0;
  });

  it('is told often enough for clients with short patience', async () => {
    const waiting = wait(45, { report });
    await clock.advance(45_000);
    await waiting;
    const times = reported.map(({ elapsedSeconds }) => elapsedSeconds);
    const gaps = [...times, 45].map((time, index) => time - (times[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(reported[0]).toEqual({
      elapsedSeconds: 0,
      totalSeconds: 45,
      message: 'running: reading',
    });
  });

  it('does not matter when it can not be told', async () => {
    const waiting = wait(10, { report: () => Promise.reject(new Error('gone')) });
    await clock.advance(10_000);
    expect(await waiting).toHaveProperty('output');
  });
});

describe('a caller who goes away', () => {
  it('ends the waiting and nothing else', async () => {
    const caller = new AbortController();
    const waiting = wait(45, { signal: caller.signal });
    await clock.advance(1_000);
    caller.abort();
    expect(await isOver(waiting)).toBe(true);
    expect(edge.broker.published).toEqual([]);
  });

  it('leaves no listener behind', async () => {
    const caller = new AbortController();
    const stop = jest.fn();
    const onHint = edge.bus.onHint.bind(edge.bus);
    edge.bus.onHint = (subject, handler) => {
      const stopListening = onHint(subject, handler);
      return () => {
        stop();
        stopListening();
      };
    };
    const waiting = wait(45, { signal: caller.signal });
    await clock.advance(0);
    caller.abort();
    await waiting;
    expect(stop).toHaveBeenCalledTimes(1);
  });
});
