import { describe, expect, it } from '@jest/globals';
import type { AgentRow } from '@skynet/contracts';
import { ModelRecords } from './model-records.js';

const DAY_MS = 24 * 3_600_000;
const kind = { tenant: 'acme', template: 'poet', model: 'a:b' };

function aRow(agentId: string, fields: Partial<AgentRow> = {}): AgentRow {
  const spent = { inputTokens: 0, outputTokens: 0, costMicroUsd: 100, descendants: 0 };
  const ended = { status: 'completed', endedAtMs: 1, ranMs: 10, childIds: [], spent };
  return { ...kind, agentId, ...ended, ...fields } as unknown as AgentRow;
}

const failed = (reason: string): Partial<AgentRow> => ({
  status: 'failed',
  failure: { reason, message: '', retryable: false },
});

describe('what became of agents with a model', () => {
  it('is known of those of one tenant and template', () => {
    const records = new ModelRecords();
    records.change(undefined, aRow('one'));
    records.change(undefined, aRow('two', { ranMs: 30, ...failed('OUTPUT_INVALID') }));
    records.change(undefined, aRow('other', { tenant: 'globex' }));
    records.change(undefined, aRow('plain', { template: undefined }));
    const measured = { agents: 2, failed: 1, meanMs: 20, meanCostMicroUsd: 100 };
    expect(records.of(kind, 1)).toEqual(measured);
    expect(records.of({ ...kind, model: 'c:d' }, 1)).toBeUndefined();
  });

  it('counts each agent once, and none that is gone', () => {
    const records = new ModelRecords();
    const [running, ended] = [
      aRow('one', { status: 'running', endedAtMs: undefined }),
      aRow('one'),
    ];
    records.change(undefined, running);
    expect(records.of(kind, 1)).toBeUndefined();
    records.change(running, ended);
    records.change(ended, ended);
    expect(records.of(kind, 1)).toMatchObject({ agents: 1 });
    records.change(ended, undefined);
    expect(records.of(kind, 1)).toBeUndefined();
  });

  it('is not what a person or a limit of the tenant has done', () => {
    const records = new ModelRecords();
    records.change(undefined, aRow('one', failed('TENANT_LIMIT')));
    records.change(undefined, aRow('two', { ...failed('TERMINATED'), status: 'terminated' }));
    expect(records.of(kind, 1)).toBeUndefined();
  });

  it('is that of the last fifty of a week, whatever the order of the rows', () => {
    const rows = Array.from({ length: 80 }, (_, at) =>
      aRow(`agent ${at}`, { endedAtMs: at, ranMs: at }),
    );
    for (const order of [rows, rows.toReversed()]) {
      const records = new ModelRecords();
      for (const row of order) records.change(undefined, row);
      expect(records.of(kind, 100)).toMatchObject({ agents: 50, meanMs: 54.5 });
      expect(records.of(kind, 8 * DAY_MS)).toBeUndefined();
    }
  });

  it('has no costs of those that had agents below them', () => {
    const records = new ModelRecords();
    records.change(undefined, aRow('one', { childIds: ['child' as AgentRow['agentId']] }));
    expect(records.of(kind, 1)).toEqual({ agents: 1, failed: 0, meanMs: 10 });
  });

  it('has what a call took of those with calls of this model, but for kept answers', () => {
    const use = (fields: object) => ({ model: 'a:b', calls: 2, ms: 600, ...fields });
    const rowOf = (agentId: string, ...modelUse: object[]) =>
      aRow(agentId, { modelUse } as unknown as Partial<AgentRow>);
    const records = new ModelRecords();
    records.change(undefined, rowOf('one', use({}), use({ ms: 1_000 }), use({ model: 'c:d' })));
    records.change(undefined, rowOf('two', use({ fromCache: 1, ms: 5 }), use({ ms: 1_200 })));
    records.change(undefined, rowOf('none'));
    expect(records.of(kind, 1)?.meanCallMs).toBe(500);
  });
});
