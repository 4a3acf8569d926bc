import { beforeEach, describe, expect, it } from '@jest/globals';
import { explainFailureTool, type AgentRow, type FailureExplanation } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../../testing/edge-fixture.js';

let edge: EdgeFixture;

beforeEach(async () => {
  edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
});

const root = agentIdNamed('root');
const spent = (inputTokens: number) => ({
  ...{ inputTokens, outputTokens: 0, costMicroUsd: inputTokens, descendants: 0 },
});

/** An agent of one tree that ended so many seconds after its start. */
function row(name: string, parent: string | undefined, fields: Partial<AgentRow>): AgentRow {
  const place =
    parent === undefined
      ? { rootId: root }
      : { rootId: root, parentId: agentIdNamed(parent), depth: fields.depth ?? 1 };
  return agentRow(name, { ...place, ...fields });
}
const after = (seconds: number) => SPAWNED_AT_MS + seconds * 1_000;
const failed = (seconds: number, reason: string, message: string): Partial<AgentRow> => ({
  status: 'failed',
  endedAtMs: after(seconds),
  failure: { reason, message, retryable: true },
});

async function explained(name: string, ...rows: AgentRow[]): Promise<FailureExplanation> {
  edge.owner.rows.push(...rows);
  for (const each of rows) await edge.project(each);
  const input = { agentId: agentIdNamed(name) };
  const answer = await edge.call('explain_failure', input, { role: 'viewer' });
  if (isRefused(answer)) throw new Error(answer.refused.message);
  return explainFailureTool.output.parse(answer.output);
}

describe('explain_failure', () => {
  it('finds where it began below an agent that completed, and what it cost', async () => {
    const told = await explained(
      'root',
      row('root', undefined, {
        ...{ status: 'completed', endedAtMs: after(9), spent: spent(100) },
        childIds: [agentIdNamed('good'), agentIdNamed('middle')],
      }),
      row('middle', 'root', {
        ...failed(7, 'OUTPUT_INVALID', 'no JSON'),
        ...{ spent: spent(50), childIds: [agentIdNamed('leaf')] },
      }),
      row('leaf', 'middle', {
        ...failed(3, 'MODEL_FAILED', 'overloaded'),
        ...{ spent: spent(30), depth: 2 },
      }),
      row('good', 'root', { status: 'completed', spent: spent(20) }),
    );
    expect(told).toMatchObject({
      status: 'completed',
      cause: { agentId: agentIdNamed('leaf'), depth: 2, reason: 'MODEL_FAILED' },
      path: [root, agentIdNamed('leaf')],
      failedBelow: [
        { reason: 'OUTPUT_INVALID', agents: 1 },
        { reason: 'MODEL_FAILED', agents: 1 },
      ],
      spent: { inputTokens: 100 },
      spentInVain: { inputTokens: 50, costMicroUsd: 50 },
    });
    expect(told.summary).toBe(
      `The agent has completed, 2 agents below it did not complete. It began with ${agentIdNamed('leaf')} at depth 2: ` +
        'MODEL_FAILED: overloaded',
    );
    expect(told.next.join(' ')).toContain(`retry_agent of ${agentIdNamed('leaf')}`);
  });

  it('leads up from an agent that was ended with the one above it', async () => {
    const exhausted = { reason: 'BUDGET_EXHAUSTED', message: 'limits.tokens', retryable: true };
    const closed = { reason: 'TERMINATED', message: 'parent exhausted', retryable: false };
    const told = await explained(
      'leaf',
      row('root', undefined, {
        ...{ status: 'exhausted', endedAtMs: after(5), failure: exhausted, spent: spent(90) },
        childIds: [agentIdNamed('leaf')],
      }),
      row('leaf', 'root', {
        ...{ status: 'terminated', endedAtMs: after(6), failure: closed, spent: spent(70) },
        task: 'read it all',
      }),
    );
    expect(told).toMatchObject({
      cause: { agentId: root, reason: 'BUDGET_EXHAUSTED' },
      path: [agentIdNamed('leaf'), root],
    });
    expect(told.next[0]).toBe(`Of 90 tokens 70 went to ${agentIdNamed('leaf')}: read it all`);
  });

  it('leads down from one whose time was over to the one below whose time was over before', async () => {
    const late = {
      reason: 'DEADLINE_PASSED',
      message: 'The time limit was over.',
      retryable: true,
    };
    const expired = (seconds: number): Partial<AgentRow> => ({
      ...{ status: 'expired', endedAtMs: after(seconds), failure: late },
      limits: { ...agentRow('x').limits, deadlineMs: after(seconds) },
    });
    const told = await explained(
      'root',
      row('root', undefined, { ...expired(60), childIds: [agentIdNamed('slow')] }),
      row('slow', 'root', expired(50)),
    );
    expect(told.path).toEqual([root, agentIdNamed('slow')]);
  });

  it('says that nothing has failed', async () => {
    const told = await explained('root', row('root', undefined, { status: 'running' }));
    expect(told).toMatchObject({ failedBelow: [], next: [], path: [] });
    expect(told.summary).toBe('The agent is running; nothing below it has failed.');
    expect(told).not.toHaveProperty('cause');
  });

  it('names what gives an agent room that its model had none for', async () => {
    const told = await explained('root', row('root', undefined, failed(1, 'CONTEXT_FULL', 'x')));
    expect(told.next[0]).toContain('contextTokens of the registry');
  });

  it('has advice on a reason that it does not know', async () => {
    const told = await explained('root', row('root', undefined, failed(1, 'NEW_REASON', 'x')));
    expect(told.next).toHaveLength(2);
  });

  it('answers alike for a foreign and an unknown agent', async () => {
    const foreign = agentRow('foreign', { tenant: 'other', ...failed(1, 'MODEL_FAILED', 'x') });
    edge.owner.rows.push(foreign);
    await edge.project(foreign);
    for (const name of ['foreign', 'nobody']) {
      const answer = await edge.call('explain_failure', { agentId: agentIdNamed(name) });
      expect(answer).toMatchObject({ refused: { code: 'AGENT_NOT_FOUND' } });
    }
  });
});
