import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../../testing/edge-fixture.js';

const DAY_MS = 86_400_000;
const TODAY_MS = SPAWNED_AT_MS - (SPAWNED_AT_MS % DAY_MS);

let edge: EdgeFixture;

beforeEach(async () => {
  edge = await edgeFixture(new ManualClock(SPAWNED_AT_MS));
  const { total } = edge.owner.usageReport;
  const sums = { ...total, agents: 2, costMicroUsd: 9 };
  edge.owner.usageReport = {
    ...{ groups: [{ key: 'a:b', ...sums }], more: 0, total: sums, undetailed: 0, isCut: false },
  };
});

const asked = () => edge.owner.questions.find(({ query }) => query === 'usageReport')?.request;

describe('get_usage with an argument', () => {
  it('reports on 30 days by default', async () => {
    const answer = await edge.call('get_usage', { by: 'model' }, { role: 'viewer' });
    const { groups, total } = edge.owner.usageReport;
    const days = { since: '2026-10-24', until: '2026-11-23' };
    expect(answer).toMatchObject({
      output: {
        tenant: 'acme',
        report: { by: 'model', ...days, groups, more: 0, total, notes: [] },
      },
    });
    const span = { sinceMs: TODAY_MS - 30 * DAY_MS, untilMs: TODAY_MS + DAY_MS };
    expect(asked()).toEqual({ tenant: 'acme', allTenants: false, by: 'model', limit: 50, ...span });
  });

  it('takes dates and times for days in UTC, the last one whole', async () => {
    const input = { since: '2026-11-01T23:30:00-05:00', until: '2026-11-03', limit: 5 };
    expect(await edge.call('get_usage', input)).toMatchObject({
      output: { report: { by: 'day', since: '2026-11-02', until: '2026-11-03' } },
    });
    expect(asked()).toMatchObject({ untilMs: Date.UTC(2026, 10, 4), limit: 5 });
  });

  it('reports on a tree from its beginning', async () => {
    edge.owner.rows.push(agentRow('root'));
    const input = { rootId: agentIdNamed('root') };
    expect(await edge.call('get_usage', input)).toHaveProperty('output.report');
    expect(asked()).toMatchObject({ ...input, sinceMs: 0 });
  });

  it('says what the sums lack', async () => {
    edge.owner.usageReport = { ...edge.owner.usageReport, undetailed: 3, isCut: true };
    expect(await edge.call('get_usage', { by: 'day' })).toMatchObject({
      output: {
        report: {
          notes: [
            '3 agents are from a release before: all they used counts for their last day, as one call',
            'there are more agents than are looked at: the oldest are left out',
          ],
        },
      },
    });
  });

  it.each([
    [{ by: 'week' }, 'INVALID_ARGUMENTS'],
    [{ since: 'yesterday' }, 'INVALID_ARGUMENTS'],
    [{ since: '2026-11-03', until: '2026-11-02' }, 'INVALID_ARGUMENTS'],
    [{ limit: 0 }, 'INVALID_ARGUMENTS'],
    [{ rootId: agentIdNamed('nobody') }, 'AGENT_NOT_FOUND'],
    [{ rootId: agentIdNamed('child') }, 'INVALID_ARGUMENTS'],
  ])('is refused when it asks for what can not be: %j', async (input, code) => {
    edge.owner.rows.push(agentRow('child', { rootId: agentIdNamed('root') }));
    expect(await edge.call('get_usage', input)).toMatchObject({ refused: { code } });
    expect(asked()).toBeUndefined();
  });

  it('tells of all tenants to administrators of the tenant that runs the deployment alone', async () => {
    const call = (role: 'admin' | 'viewer') => edge.call('get_usage', { by: 'tenant' }, { role });
    expect(await call('viewer')).toMatchObject({ refused: { code: 'FORBIDDEN' } });
    expect(asked()).toBeUndefined();
    expect(await call('admin')).toHaveProperty('output.report');
    expect(asked()).toMatchObject({ allTenants: true });
  });
});

describe('the status of a root', () => {
  const status = (name: string) => edge.call('get_agent_status', { agentId: agentIdNamed(name) });
  const child = { rootId: agentIdNamed('root'), parentId: agentIdNamed('root'), depth: 1 };

  beforeEach(() => {
    edge.owner.rows.push(agentRow('root', { childIds: [agentIdNamed('child')] }));
  });

  it('has what its tree has used so far while children live', async () => {
    edge.owner.rows.push(agentRow('child', child));
    expect(await status('root')).toMatchObject({
      output: { spent: { costMicroUsd: 7 }, treeSpent: { inputTokens: 0, costMicroUsd: 9 } },
    });
    expect(await status('child')).not.toHaveProperty('output.treeSpent');
  });

  it('has it not once they have ended: then it knows by itself', async () => {
    edge.owner.rows.push(agentRow('child', { ...child, status: 'completed' }));
    expect(await status('root')).not.toHaveProperty('output.treeSpent');
    expect(asked()).toBeUndefined();
  });
});
