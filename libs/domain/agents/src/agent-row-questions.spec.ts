import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentRow } from '@skynet/contracts';
import { agentAdmitted, agentSpawned, runStarted } from '@skynet/testing';
import { agentRowProjection } from './agent-row.projection.js';

function rowAfter(...events: readonly AgentEvent[]): AgentRow | undefined {
  const all = [agentSpawned(), agentAdmitted(), runStarted(), ...events];
  return all.reduce<AgentRow | undefined>(
    (row, event, revision) => agentRowProjection.evolve(row, { ...event, revision, timeMs: 1 }),
    undefined,
  );
}

const one = { toolCallId: 'm1_0', question: 'Which?', choices: ['a', 'b'], deadlineMs: 9 };
const other = { toolCallId: 'm1_1', question: 'Why?' };
const asked = (data: typeof one | typeof other): AgentEvent => ({ type: 'QuestionAsked', data });
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'input' } };
const settled = (toolCallId: string): AgentEvent => ({
  type: 'ToolCallSettled',
  data: { toolCallId, content: 'a', isError: false },
});

describe('the row of an agent that asks', () => {
  it('has the questions that are open', () => {
    expect(rowAfter(asked(one), asked(other), parked)?.waitingFor).toEqual({
      kind: 'input',
      ids: ['m1_0', 'm1_1'],
      questions: [one, other],
    });
    expect(rowAfter(asked(one), asked(other), parked, settled('m1_0'))?.waitingFor).toEqual({
      kind: 'input',
      ids: ['m1_1'],
      questions: [other],
    });
  });

  it('has them beside a wait for children', () => {
    const wait: AgentEvent = {
      type: 'AwaitStarted',
      data: { toolCallId: 'm1_1', childIds: [], mode: 'all', needed: 1 },
    };
    expect(rowAfter(asked(one), wait, parked)?.waitingFor).toEqual({
      kind: 'input',
      ids: ['m1_0'],
      questions: [one],
    });
  });

  it('has none when it goes on', () => {
    const woken: AgentEvent = { type: 'AgentWoken', data: { reason: 'input' } };
    expect(rowAfter(asked(one), parked, settled('m1_0'), woken)?.waitingFor).toBeUndefined();
  });

  it('has none that comes after its end', () => {
    const ended: AgentEvent = { type: 'AgentTerminated', data: { reason: 'enough' } };
    expect(rowAfter(ended, asked(one))).toMatchObject({ status: 'terminated' });
    expect(rowAfter(ended, asked(one))?.waitingFor).toBeUndefined();
  });
});
