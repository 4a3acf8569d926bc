import { describe, expect, it } from '@jest/globals';
import { cuts } from '../cluster/route-proxies.js';
import { steps, type Fault } from './fault.js';
import { LEAST_STEP_MS, planFaults, serverNames } from './fault-plan.js';

const options = { kills: 200, servers: 1, seed: 7 };
const inCluster = { ...options, servers: 3 };
const ofKind = <Kind extends Fault['kind']>(faults: readonly Fault[], kind: Kind) =>
  faults.filter((fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind);
const kindsOf = (faults: readonly Fault[]) => new Set(faults.map(({ kind }) => kind));
const targetsOf = (faults: readonly Fault[]) =>
  new Set(faults.flatMap((fault) => ('process' in fault ? [fault.process] : [])));

describe('a plan of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(planFaults(options)).toEqual(planFaults(options));
    expect(planFaults({ ...options, seed: 8 })).not.toEqual(planFaults(options));
  });

  const alone = ['clock', 'hand over', 'kill', 'kill all', 'kill at', 'starve', 'stop', 'stop at'];

  it.each([
    [1, ['away', 'disk full', ...alone].sort()],
    [3, [...alone, 'partition', 'step down', 'wipe'].sort()],
  ])(
    'has as many faults as asked for, of every kind that %s nats-server can have',
    (servers, kinds) => {
      const faults = planFaults({ ...options, servers });
      expect(faults).toHaveLength(200);
      expect([...kindsOf(faults)].sort()).toEqual(kinds);
    },
  );

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
    const stops = ofKind(planFaults(options), 'stop').map(({ forMs }) => forMs);
    expect(Math.min(...stops)).toBeGreaterThanOrEqual(100);
    expect(Math.min(...stops)).toBeLessThan(4_000);
    expect(Math.max(...stops)).toBeGreaterThan(4_000);
    expect(Math.max(...stops)).toBeLessThanOrEqual(8_000);
  });

  it('stops a runtime for longer than its lease at each step of a run', () => {
    const stops = ofKind(planFaults({ ...options, kills: 400 }), 'stop at');
    expect(new Set(stops.map(({ step }) => step))).toEqual(new Set(steps));
    for (const { process, forMs } of stops) {
      expect(process).toMatch(/^runtime2?$/);
      expect(forMs).toBeGreaterThan(4_000);
    }
  });

  it('for three servers strikes each of them, one at a time', () => {
    const faults = planFaults(inCluster);
    const struck = new Set([...targetsOf(faults)].filter((name) => name.startsWith('nats')));
    expect(struck).toEqual(new Set(['nats', 'nats2', 'nats3']));
    for (const fault of faults) {
      if (!('processes' in fault)) continue;
      expect(fault.processes.filter((name) => name.startsWith('nats'))).toHaveLength(1);
    }
  });

  it('starves processes for 5 to 15 s', () => {
    for (const { forMs } of ofKind(planFaults(options), 'starve')) {
      expect(forMs).toBeGreaterThanOrEqual(5_000);
      expect(forMs).toBeLessThanOrEqual(15_000);
    }
  });

  it('cuts each of three servers off in every way, for 1 to 10 s', () => {
    const partitions = ofKind(planFaults({ ...inCluster, kills: 400 }), 'partition');
    expect(new Set(partitions.map(({ cut }) => cut))).toEqual(new Set(cuts));
    expect(new Set(partitions.map(({ process }) => process))).toEqual(new Set(serverNames(3)));
    for (const { forMs } of partitions) {
      expect(forMs).toBeGreaterThanOrEqual(1_000);
      expect(forMs).toBeLessThanOrEqual(10_000);
    }
  });

  it('hands runtimes over, and nothing else', () => {
    const faults = ofKind(planFaults(options), 'hand over');
    expect(new Set(faults.map(({ process }) => process))).toEqual(new Set(['runtime', 'runtime2']));
  });

  it('lets the one nats-server be away for as long as asked for', () => {
    const away = ofKind(planFaults({ ...options, awaySeconds: 60 }), 'away');
    expect(new Set(away.map(({ process, forMs }) => `${process} ${forMs}`))).toEqual(
      new Set(['nats 60000']),
    );
  });

  it('steps the clocks of services by one to three minutes, forth and back', () => {
    const steps = ofKind(planFaults({ ...options, kills: 400 }), 'clock');
    expect(new Set(steps.map(({ byMs }) => Math.sign(byMs)))).toEqual(new Set([1, -1]));
    for (const { process, byMs } of steps) {
      expect(process).not.toMatch(/^nats/);
      expect(Math.abs(byMs)).toBeGreaterThanOrEqual(LEAST_STEP_MS);
      expect(Math.abs(byMs)).toBeLessThanOrEqual(180_000);
    }
  });

  it('wipes nothing but servers', () => {
    const wiped = ofKind(planFaults({ ...inCluster, kills: 400 }), 'wipe');
    expect(new Set(wiped.map(({ process }) => process))).toEqual(new Set(serverNames(3)));
  });

  it('forces elections of JetStream, streams, consumers and buckets before it comes to one again', () => {
    const elections = ofKind(planFaults({ ...inCluster, kills: 400 }), 'step down');
    const groups = elections.map(({ group: { of, name } }) => `${of} ${name}`);
    const kinds = new Set(groups);
    expect(new Set(groups.slice(0, kinds.size)).size).toBe(kinds.size);
    for (const name of ['LOG', 'RUN', 'CMD']) {
      expect(kinds).toContain(`stream ${name}`);
      expect(kinds).toContain(`consumers ${name}`);
    }
    expect(kinds).toContain('meta JetStream');
    expect(kinds).toContain('stream KV_leases');
  });

  it('takes about as long as asked for', () => {
    const faults = planFaults({ ...options, seconds: 100 });
    const tookMs = faults.reduce((sum, { afterMs }) => sum + afterMs, 0);
    expect(tookMs).toBeGreaterThan(80_000);
    expect(tookMs).toBeLessThan(140_000);
  });
});
