import { describe, expect, it } from '@jest/globals';
import { planFaults, steps, type Fault } from './fault-plan.js';

const options = { kills: 200, servers: 1, seed: 7 };
const kindsOf = (faults: readonly Fault[]) => new Set(faults.map(({ kind }) => kind));
const targetsOf = (faults: readonly Fault[]) =>
  new Set(faults.flatMap((fault) => ('process' in fault ? [fault.process] : [])));

describe('a plan of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(planFaults(options)).toEqual(planFaults(options));
    expect(planFaults({ ...options, seed: 8 })).not.toEqual(planFaults(options));
  });

  it('has as many faults as asked for, of every kind', () => {
    const faults = planFaults(options);
    expect(faults).toHaveLength(200);
    const kinds = ['kill', 'kill all', 'kill at', 'stop', 'stop at'];
    expect([...kindsOf(faults)].sort()).toEqual(kinds);
  });

  it('strikes every process', () => {
    const names = ['auth', 'edge', 'edge2', 'nats', 'runtime', 'runtime2', 'scheduler'];
    expect([...targetsOf(planFaults(options))].sort()).toEqual([...names, 'scheduler2']);
  });

  it('strikes nats-server and a runtime at each step of a run before it strikes at one again', () => {
    const struck = planFaults(options).flatMap((fault) => ('processes' in fault ? [fault] : []));
    const first = struck.slice(0, steps.length);
    expect(new Set(first.map(({ step }) => step))).toEqual(new Set(steps));
    for (const { processes } of first) {
      expect(processes).toEqual(['nats', expect.stringMatching(/^runtime2?$/)]);
    }
  });

  it('stops processes for less and for more than a lease of 4 s', () => {
    const stops = planFaults(options).flatMap((fault) => ('forMs' in fault ? [fault.forMs] : []));
    expect(Math.min(...stops)).toBeGreaterThanOrEqual(100);
    expect(Math.min(...stops)).toBeLessThan(4_000);
    expect(Math.max(...stops)).toBeGreaterThan(4_000);
    expect(Math.max(...stops)).toBeLessThanOrEqual(8_000);
  });

  it('stops a runtime for longer than its lease at each step of a run', () => {
    const stops = planFaults(options).flatMap((fault) => (fault.kind === 'stop at' ? [fault] : []));
    expect(new Set(stops.map(({ step }) => step))).toEqual(new Set(steps));
    for (const { process, forMs } of stops) {
      expect(process).toMatch(/^runtime2?$/);
      expect(forMs).toBeGreaterThan(4_000);
    }
  });

  it('for three servers strikes each of them, one at a time', () => {
    const faults = planFaults({ ...options, servers: 3 });
    const struck = new Set([...targetsOf(faults)].filter((name) => name.startsWith('nats')));
    expect(struck).toEqual(new Set(['nats', 'nats2', 'nats3']));
    for (const fault of faults) {
      if (!('processes' in fault)) continue;
      expect(fault.processes.filter((name) => name.startsWith('nats'))).toHaveLength(1);
    }
  });

  it('takes about as long as asked for', () => {
    const faults = planFaults({ ...options, seconds: 100 });
    const tookMs = faults.reduce((sum, { afterMs }) => sum + afterMs, 0);
    expect(tookMs).toBeGreaterThan(80_000);
    expect(tookMs).toBeLessThan(140_000);
  });
});
