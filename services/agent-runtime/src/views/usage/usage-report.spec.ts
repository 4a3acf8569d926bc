import { describe, expect, it } from '@jest/globals';
import type { AgentRow, QueryRequest } from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import { agentSpawned, anAgentId } from '@skynet/testing';
import { AgentIndex } from '../agent-index/agent-index.js';
import { usageReport } from './usage-report.js';

const DAY_MS = 86_400_000;
const TODAY_MS = Date.UTC(2026, 0, 31);
const ALWAYS = { sinceMs: 0, untilMs: TODAY_MS + DAY_MS };

/** Calls of an agent that ended so many days ago. */
function rowOf(number: number, fields: Partial<AgentRow> = {}, daysAgo = 0): AgentRow {
  const agentId = anAgentId(number);
  const spawned = { ...agentSpawned({ agentId, rootId: agentId }), revision: 0, timeMs: TODAY_MS };
  const row = agentRowProjection.evolve(undefined, spawned) as AgentRow;
  const dayMs = TODAY_MS - daysAgo * DAY_MS;
  return {
    ...row,
    status: 'completed',
    modelUse: [modelUse(dayMs)],
    toolUse: [{ tool: 'read', dayMs, calls: 3, failed: 1, fromCache: 1, ms: 30, slowestMs: 20 }],
    updatedAtMs: dayMs + 1,
    ...fields,
  };
}

function modelUse(dayMs: number, model = 'a:b', costMicroUsd = 5) {
  const cached = { cachedTokens: 4, savedMicroUsd: 1 };
  const calls = { calls: 2, failed: 0, ms: 100, slowestMs: 90 };
  return { model, dayMs, ...calls, inputTokens: 10, outputTokens: 1, ...cached, costMicroUsd };
}

async function report(
  rows: readonly AgentRow[],
  asked: Partial<QueryRequest<'usageReport'>>,
  most?: number,
) {
  const index = new AgentIndex();
  for (const row of rows) index.set(row);
  const defaults = { tenant: 'acme', allTenants: false, by: 'day' as const, limit: 10, ...ALWAYS };
  return usageReport(index, { ...defaults, ...asked }, most);
}

const keysOf = ({ groups }: { groups: readonly { key: string; agents: number }[] }) =>
  groups.map(({ key, agents }) => [key, agents]);

describe('a report of usage', () => {
  it('sums up calls by day, the newest first', async () => {
    const answer = await report([rowOf(1), rowOf(2), rowOf(3, {}, 2)], {});
    expect(keysOf(answer)).toEqual([
      ['2026-01-31', 2],
      ['2026-01-29', 1],
    ]);
    expect(answer.groups[0]).toEqual({
      ...{ key: '2026-01-31', agents: 2, failedAgents: 0 },
      modelCallsFromCache: 0,
      ...{ modelCalls: 4, failedModelCalls: 0, modelMs: 200, slowestModelMs: 90 },
      ...{ inputTokens: 20, outputTokens: 2, costMicroUsd: 10 },
      ...{ cachedTokens: 8, savedMicroUsd: 2 },
      ...{ toolCalls: 6, failedToolCalls: 2, toolCallsFromCache: 2 },
      ...{ toolMs: 60, slowestToolMs: 20 },
    });
    expect(answer.total).toMatchObject({ agents: 3, costMicroUsd: 15, toolCalls: 9 });
    expect(answer).toMatchObject({ more: 0, undetailed: 0, isCut: false });
  });

  it('has the calls of an agent on each of its days, and itself once in all', async () => {
    const uses = [modelUse(TODAY_MS - DAY_MS), modelUse(TODAY_MS)];
    const answer = await report([rowOf(1, { modelUse: uses })], {});
    expect(keysOf(answer)).toEqual([
      ['2026-01-31', 1],
      ['2026-01-30', 1],
    ]);
    expect(answer.total).toMatchObject({ agents: 1, modelCalls: 4 });
  });

  it('counts calls on days of the span alone', async () => {
    const rows = [rowOf(1), rowOf(2, {}, 1), rowOf(3, {}, 2), rowOf(4, {}, 40)];
    const sinceMs = TODAY_MS - 2 * DAY_MS + 3_600_000;
    const answer = await report(rows, { sinceMs, untilMs: TODAY_MS });
    expect(keysOf(answer)).toEqual([
      ['2026-01-30', 1],
      ['2026-01-29', 1],
    ]);
  });

  it('groups by model, tool, template and tree, the dearest first', async () => {
    const rows = [
      rowOf(1, { modelUse: [modelUse(TODAY_MS), modelUse(TODAY_MS, 'c:d', 50)] }),
      rowOf(2, { template: 'critic', rootId: anAgentId(1), parentId: anAgentId(1) }),
    ];
    expect(keysOf(await report(rows, { by: 'model' }))).toEqual([
      ['c:d', 1],
      ['a:b', 2],
    ]);
    expect(keysOf(await report(rows, { by: 'tool' }))).toEqual([['read', 2]]);
    expect(keysOf(await report(rows, { by: 'template' }))).toEqual([
      ['(none)', 1],
      ['critic', 1],
    ]);
    expect(keysOf(await report(rows, { by: 'tree' }))).toEqual([[anAgentId(1), 2]]);
  });

  it('says how many groups it does not show, and sums them up all the same', async () => {
    const answer = await report([rowOf(1), rowOf(2, {}, 1), rowOf(3, {}, 2)], { limit: 2 });
    expect(answer).toMatchObject({ more: 1, total: { agents: 3 } });
    expect(answer.groups).toHaveLength(2);
  });

  it('counts who failed, but not who was terminated', async () => {
    const statuses = ['failed', 'expired', 'exhausted', 'terminated', 'running'] as const;
    const rows = statuses.map((status, index) => rowOf(index + 1, { status }));
    expect((await report(rows, {})).total).toMatchObject({ agents: 5, failedAgents: 3 });
  });

  it('is about the tenant that asks, unless all are asked for', async () => {
    const rows = [rowOf(1), rowOf(2, { tenant: 'globex' })];
    expect(keysOf(await report(rows, { by: 'tenant' }))).toEqual([['acme', 1]]);
    const all = await report(rows, { by: 'tenant', allTenants: true });
    expect(keysOf(all)).toEqual([
      ['acme', 1],
      ['globex', 1],
    ]);
  });

  it('is about one tree, and no other tenant’s', async () => {
    const rows = [rowOf(1), rowOf(2, { rootId: anAgentId(1), parentId: anAgentId(1) }), rowOf(3)];
    expect((await report(rows, { rootId: anAgentId(1) })).total.agents).toBe(2);
    const foreign = await report(rows, { rootId: anAgentId(1), tenant: 'globex' });
    expect(foreign).toMatchObject({ groups: [], total: { agents: 0 } });
  });

  it('takes from rows of a release before what they tell, without their children’s part', async () => {
    const spent = { inputTokens: 30, outputTokens: 3, costMicroUsd: 9, descendants: 1 };
    const before = { modelUse: undefined, toolUse: undefined };
    const ofChild = { inputTokens: 10, outputTokens: 1, costMicroUsd: 4, descendants: 0 };
    const ids = { rootId: anAgentId(1), parentId: anAgentId(1) };
    const rows = [
      rowOf(1, { ...before, spent, childIds: [anAgentId(2)] }),
      rowOf(2, { ...before, ...ids, spent: ofChild, endedAtMs: TODAY_MS }),
    ];
    const answer = await report(rows, {});
    expect(answer.total).toMatchObject({ inputTokens: 30, outputTokens: 3, costMicroUsd: 9 });
    expect(answer).toMatchObject({ undetailed: 2, total: { agents: 2, modelCalls: 2 } });
  });

  it('leaves out the oldest when there are too many, and says so', async () => {
    const rows = [rowOf(1, {}, 9), rowOf(2), rowOf(3, {}, 5), rowOf(4, { status: 'running' }, 20)];
    const answer = await report(rows, {}, 3);
    expect(answer.isCut).toBe(true);
    expect(keysOf(answer).map(([key]) => key)).toEqual(['2026-01-31', '2026-01-26', '2026-01-11']);
  });
});
