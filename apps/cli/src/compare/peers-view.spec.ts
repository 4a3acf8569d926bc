import { describe, expect, it } from '@jest/globals';
import { barChart } from './bar-chart.js';
import { extentOf } from './extent.js';
import { reportOf } from './peers-report.js';
import { renderPeers } from './peers-view.js';

const machine = { cores: 2, cpu: 'Some CPU', load: 0.5, cpuProbeMs: 28.4 };
const oursOf = (aloneP50Ms: number, agentsPerSecond: number) => ({
  aloneP50Ms,
  agentsPerSecond,
  appendsPerAgent: 3.31,
  canaryRatio: 1.23,
});
const report = reportOf({
  startedAt: '2026-01-01T00:00:00.000Z',
  rounds: 2,
  extent: extentOf({}),
  machine,
  systems: [
    {
      id: 'ours',
      name: 'Skynet',
      version: 'this one',
      durability: 'files',
      rounds: [
        { round: 1, machine, figures: { ...oursOf(10, 2_000), loadSmallMs: 0.456 } },
        { round: 2, machine: { ...machine, load: 1 }, figures: oursOf(20, 1_000) },
      ],
    },
    {
      id: 'restate',
      name: 'A & B < C',
      version: '1.7',
      durability: 'synced',
      rounds: [{ round: 1, machine, figures: { aloneP50Ms: 45, agentsPerSecond: 500 } }],
    },
  ],
  leftOut: [{ id: 'bullmq', reason: 'there is no redis-server' }],
});

describe('the table of all systems', () => {
  const text = renderPeers(report).join('\n');

  it('shows the median of each figure, and nothing where none was measured', () => {
    expect(text).toMatch(/^tree alone, p50, ms +15\.0 +45\.0$/m);
    expect(text).toMatch(/^agents\/s, trees in flight +1500 +500$/m);
    expect(text).toMatch(/^appends per agent +3\.31 +–$/m);
    expect(text).toMatch(/^the same behind a backlog +1\.2 +–$/m);
    expect(text).toMatch(/^load of an agent, log of 10,000, ms +0\.46 +–$/m);
    expect(text).not.toContain('start with an empty log');
    expect(text).toMatch(/^load before each round +0\.5 1\.0 +0\.5$/m);
  });

  it('names versions and durability, and who is left out and why', () => {
    expect(text).toContain('Skynet: this one. Durable: files.');
    expect(text).toContain('Left out: bullmq: there is no redis-server.');
    expect(text).toContain('medians of 2 rounds');
    expect(text).toContain('10000 single agents queued');
  });

  it('says yes or no to each must, with its number', () => {
    expect(text).toContain("≥ 2× Restate's agents/s: yes (3.00)");
    expect(text).toContain("tree alone ≤ 0.5× Restate's p50: yes (0.33)");
    expect(text).toContain("≤ 0.45× Restate's CPU per agent: not measured");
    expect(text).toContain("≥ 1× BullMQ's agents/s: not measured");
  });
});

describe('the chart', () => {
  const svg = barChart(report);

  it('has a bar for each system, as long as its share of the longest', () => {
    expect(svg).toContain('width="460.0" height="18" fill="#2563eb"');
    expect(svg).toContain('width="153.3" height="18" fill="#d97706"');
    // Of each of the two figures that both have; the third was not measured.
    expect(svg.match(/height="18"/g)).toHaveLength(4);
    expect(svg).not.toContain('CPU s per');
  });

  it('is well formed whatever a system is called', () => {
    expect(svg).toContain('A &amp; B &lt; C');
    expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
  });
});
