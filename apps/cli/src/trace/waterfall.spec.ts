import { describe, expect, it } from '@jest/globals';
import type { ShownEvent } from '@skynet/client';
import { piecesOf } from './waterfall.js';

type Told = [atMs: number, type: string, data?: object];

function events(...told: Told[]): ShownEvent[] {
  return told.map(([atMs, type, data = {}], revision) => ({
    revision,
    type,
    time: new Date(atMs).toISOString(),
    epoch: 1,
    data: { ...data },
  }));
}

const drawn = (...told: Told[]) =>
  piecesOf(events(...told)).map(({ name, startMs, endMs, failed }) => [
    name,
    startMs,
    endMs,
    failed,
  ]);

describe('where the time of an agent went', () => {
  it('is told by its log, call by call', () => {
    expect(
      drawn(
        [0, 'AgentSpawned'],
        [10, 'AgentAdmitted'],
        [12, 'RunStarted', { epoch: 1 }],
        [12, 'ModelCallStarted', { callId: 'm1', model: 'scripted:tree' }],
        [40, 'ModelCallSettled', { callId: 'm1', outcome: { kind: 'answered' } }],
        [40, 'ToolCallStarted', { toolCallId: 'm1_0' }],
        [70, 'ToolCallSettled', { toolCallId: 'm1_0', isError: true }],
        [70, 'AgentParked', { waitingFor: 'children' }],
        [90, 'AgentWoken'],
        [95, 'AgentAdmitted'],
        [96, 'RunStarted', { epoch: 2 }],
        [99, 'AgentCompleted'],
      ),
    ).toEqual([
      ['queued', 0, 10, false],
      ['run 1', 12, 70, false],
      ['chat scripted:tree', 12, 40, false],
      ['tool call m1_0', 40, 70, true],
      ['waiting for children', 70, 90, false],
      ['queued', 90, 95, false],
      ['run 2', 96, 99, false],
    ]);
  });

  it('goes on while the agent does', () => {
    expect(drawn([0, 'AgentSpawned'])).toEqual([['queued', 0, undefined, false]]);
  });

  it('ends with the agent, also for one that never ran', () => {
    expect(drawn([0, 'AgentSpawned'], [5, 'AgentTerminated'])).toEqual([['queued', 0, 5, false]]);
  });

  it('shows calls that failed or were lost', () => {
    const call = { callId: 'm1', model: 'm' };
    expect(
      drawn(
        [0, 'ModelCallStarted', call],
        [3, 'ModelCallSettled', { callId: 'm1', outcome: { kind: 'lost' } }],
      ),
    ).toEqual([['chat m', 0, 3, true]]);
  });

  it('tells which of them asked for a summary', () => {
    const call = { callId: 'm1', model: 'm', purpose: 'compaction' };
    expect(drawn([0, 'ModelCallStarted', call])).toEqual([
      ['chat m (summary)', 0, undefined, false],
    ]);
  });
});
