import { describe, expect, it } from '@jest/globals';
import type { AgentStatus } from '@skynet/contracts';
import { noMetrics, type Metrics, type Reading } from '@skynet/platform';
import { RuntimeMetrics } from './runtime-metrics.js';

function agentsRead(counts: ReadonlyMap<AgentStatus, number> | undefined): readonly Reading[] {
  const gauges = new Map<string, () => Iterable<Reading>>();
  const metrics: Metrics = {
    ...noMetrics,
    gauge: (name, _options, read) => void gauges.set(name, read),
  };
  new RuntimeMetrics(metrics).agents(() => counts);
  return [...(gauges.get('skynet_agents')?.() ?? [])];
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
