import { describe, expect, it } from '@jest/globals';
import type { BenchReport } from './tree-bench.js';
import { renderBench } from './bench-view.js';

const report: BenchReport = {
  trees: 300,
  inFlight: 50,
  agentsPerTree: 13,
  aloneMs: { p50: 14.26, p95: 20 },
  loadedMs: { p50: 100, p95: 200 },
  agentsPerSecond: 2_350.4,
  appendsPerAgent: 3.3,
  cpuSecondsPer1000Agents: 0.9876,
  peakMemoryMib: 512.4,
  processes: { nats: { cpuSeconds: 1.5, peakBytes: 104_857_600 } },
};

describe('the report of the tree bench', () => {
  it('shows every number with its unit', () => {
    const text = renderBench(report).join('\n');
    expect(text).toMatch(/tree alone, p50 +14\.3 ms/);
    expect(text).toMatch(/agents per second +2350/);
    expect(text).toMatch(/appends per agent +3\.30/);
    expect(text).toMatch(/CPU s per 1,000 agents +0\.988/);
    expect(text).toMatch(/peak memory +512 MiB/);
    expect(text).toMatch(/nats +1\.50 +100$/);
  });

  it('shows what a double of EventStoreDB has counted', () => {
    expect(renderBench(report).join('\n')).toContain('JetStream');
    const counted = { ...report, eventsPerAgent: 14.69, deliveriesPerAgent: 29.23 };
    const text = renderBench(counted).join('\n');
    expect(text).toMatch(/events per agent +14\.69/);
    expect(text).toMatch(/deliveries per agent +29\.23/);
    expect(text).toContain('a double of EventStoreDB');
    expect(text).not.toContain('JetStream');
  });

  it('says so where the system does not tell what processes use', () => {
    const { processes, cpuSecondsPer1000Agents, peakMemoryMib, ...rest } = report;
    expect([processes?.['nats'], cpuSecondsPer1000Agents, peakMemoryMib]).not.toContain(undefined);
    const text = renderBench(rest).join('\n');
    expect(text.match(/not measured on this system/g)).toHaveLength(2);
    expect(text).not.toContain('nats');
  });
});
