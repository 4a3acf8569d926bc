import { describe, expect, it } from '@jest/globals';
import { judgeAims, judgeMusts } from './musts.js';

const ours = {
  agentsPerSecond: 2_000,
  cpuSecondsPer1000Agents: 0.9,
  aloneP50Ms: 15,
  appendsPerAgent: 3.8,
  acceptP99Ms: 49.9,
  statusReadsPerSecond: 1_500,
  canaryRatio: 3,
  queuedOtherRatio: 1.9,
  loadSmallMs: 1,
  loadLargeMs: 1.5,
};
const restate = { agentsPerSecond: 1_000, cpuSecondsPer1000Agents: 2, aloneP50Ms: 30 };
const verdictOf = (what: string, medians: Parameters<typeof judgeMusts>[0]) =>
  judgeMusts(medians).find((verdict) => verdict.what.includes(what));

describe('the musts', () => {
  it('are all met at their limits', () => {
    expect(judgeMusts({ ours, restate }).map(({ isMet }) => isMet)).not.toContain(false);
    expect(verdictOf("Restate's agents/s", { ours, restate })).toMatchObject({
      value: 2,
      isMet: true,
    });
  });

  it.each([
    ["Restate's agents/s", { agentsPerSecond: 1_999 }],
    ["Restate's CPU", { cpuSecondsPer1000Agents: 0.91 }],
    ["Restate's p50", { aloneP50Ms: 15.1 }],
    ['appends per agent', { appendsPerAgent: 3.81 }],
    ['spawn accepted', { acceptP99Ms: 50 }],
    ['status reads', { statusReadsPerSecond: 1_499 }],
    ["another tenant's tree", { canaryRatio: 3.1 }],
    ["another tenant's ten agents", { queuedOtherRatio: 2 }],
    ['load of an agent', { loadLargeMs: 1.6 }],
  ])('are broken one by one: %s', (what, worse) => {
    const judged = judgeMusts({ ours: { ...ours, ...worse }, restate });
    expect(judged.filter(({ isMet }) => isMet === false).map(({ what: told }) => told)).toEqual([
      expect.stringContaining(what),
    ]);
  });

  it('are not judged without the numbers that they compare', () => {
    expect(verdictOf("Restate's agents/s", { ours })).toEqual({ what: "≥ 2× Restate's agents/s" });
    expect(verdictOf('load of an agent', { ours: { loadSmallMs: 1 } })).not.toHaveProperty('isMet');
    expect(judgeMusts({}).every(({ isMet }) => isMet === undefined)).toBe(true);
  });
});

describe('the aims', () => {
  it('compare with BullMQ', () => {
    const bullmq = { agentsPerSecond: 4_000, aloneP50Ms: 15 };
    expect(judgeAims({ ours, bullmq }).map(({ value, isMet }) => [value, isMet])).toEqual([
      [0.5, false],
      [1, true],
    ]);
  });
});
