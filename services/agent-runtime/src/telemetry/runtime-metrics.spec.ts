import { describe, expect, it } from '@jest/globals';
import type { AgentStatus } from '@skynet/contracts';
import { noMetrics, type Metrics, type Reading } from '@skynet/platform';
import { RuntimeMetrics } from './runtime-metrics.js';

function agentsRead(counts: ReadonlyMap<AgentStatus, number> | undefined): readonly Reading[] {
  return gaugeOf('skynet_agents', (metrics) => metrics.agents(() => counts));
}

function gaugeOf(wanted: string, begin: (metrics: RuntimeMetrics) => void): readonly Reading[] {
  const gauges = new Map<string, () => Iterable<Reading>>();
  const metrics: Metrics = {
    ...noMetrics,
    gauge: (name, _options, read) => void gauges.set(name, read),
  };
  begin(new RuntimeMetrics(metrics));
  return [...(gauges.get(wanted)?.() ?? [])];
}

describe('the number of agents', () => {
  it('is told for every status by the replica that leads, with or without agents', () => {
    const [running, none] = [agentsRead(new Map([['running', 2]])), agentsRead(new Map())];
    expect(running).toContainEqual({ value: 2, labels: { status: 'running' } });
    expect(none).toContainEqual({ value: 0, labels: { status: 'running' } });
    expect(running).toHaveLength(none.length);
  });

  it('is told by no other', () => {
    expect(agentsRead(undefined)).toEqual([]);
  });
});

describe('the rows of agents', () => {
  it('are told by where they are', () => {
    const read = gaugeOf('skynet_agent_rows', (metrics) =>
      metrics.agentRows(() => ({ size: 5, onDisk: 3 })),
    );
    expect(read).toEqual([
      { value: 2, labels: { place: 'memory' } },
      { value: 3, labels: { place: 'disk' } },
    ]);
  });
});

describe('a model call', () => {
  const held = { inputTokens: 10, outputTokens: 10, costMicroUsd: 10 };

  function counted(usage: Partial<typeof held>): readonly unknown[] {
    const added: unknown[] = [];
    const metrics: Metrics = {
      ...noMetrics,
      counter: (name) => ({
        add: (amount, labels) => {
          if (name === 'skynet_model_usage_over_limit') added.push([amount, labels]);
        },
      }),
    };
    new RuntimeMetrics(metrics).compare('puppet:any', { ...held, ...usage }, held);
    return added;
  }
  const shown = [0, undefined];

  it.each(['inputTokens', 'outputTokens', 'costMicroUsd'])(
    'that used more %s than were held is counted',
    (name) => {
      expect(counted({ [name]: 11 })).toEqual([shown, [1, { model: 'puppet:any' }]]);
    },
  );

  it('that used what was held is not, and the counter is there before the first', () => {
    expect(counted({})).toEqual([shown]);
  });
});
