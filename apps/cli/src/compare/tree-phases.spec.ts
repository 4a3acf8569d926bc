import { describe, expect, it } from '@jest/globals';
import { answerOf, benchTree, singleAgent, type TreeShape } from '../peers/benched-system.js';
import {
  acceptLatencies,
  canaryBehind,
  growTrees,
  inLanes,
  queueSeconds,
  tenAgentsMs,
} from './tree-phases.js';

/** Takes everything at once and answers right, unless told to answer something else. */
function obedient(answer = answerOf) {
  const taken: { shape: TreeShape; tenant: string | undefined }[] = [];
  return {
    name: 'Obedient',
    taken,
    submit: (shape: TreeShape, tenant?: string) => {
      taken.push({ shape, tenant });
      return Promise.resolve({
        ended: () => Promise.resolve(),
        answer: () => Promise.resolve(answer(shape)),
      });
    },
  };
}

describe('the answer of a tree', () => {
  it('counts its agents and leaves', () => {
    expect(answerOf(benchTree)).toEqual({ agents: 13, leaves: 9 });
    expect(answerOf(singleAgent)).toEqual({ agents: 1, leaves: 1 });
  });
});

describe('lanes', () => {
  it('do each piece once, and no more at a time than there are lanes', async () => {
    let [busy, most] = [0, 0];
    const done: number[] = [];
    await inLanes(10, 3, async (index) => {
      most = Math.max(most, (busy += 1));
      await Promise.resolve();
      busy -= 1;
      done.push(index);
    });
    expect(done.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toBe(3);
  });
});

describe('trees under measurement', () => {
  it('have a latency each', async () => {
    const load = { shape: benchTree, trees: 7, inFlight: 3 };
    expect(await growTrees(obedient(), load)).toHaveLength(7);
  });

  it('end the measurement when one answers something else', async () => {
    const wrong = obedient(() => ({ agents: 12, leaves: 9 }));
    const load = { shape: benchTree, trees: 1, inFlight: 1 };
    await expect(growTrees(wrong, load)).rejects.toThrow('Obedient gave a wrong answer');
    await expect(queueSeconds(wrong, 1)).rejects.toThrow('wrong answer');
    await expect(acceptLatencies(wrong, { rate: 100, seconds: 0.01 })).rejects.toThrow('wrong');
  });

  it('are submitted at a rate, whatever the system does', async () => {
    const system = obedient();
    expect(await acceptLatencies(system, { rate: 1_000, seconds: 0.02 })).toHaveLength(20);
    expect(system.taken.every(({ shape }) => shape === singleAgent)).toBe(true);
  });

  it('of another tenant are ten, five times', async () => {
    const system = obedient();
    expect(await tenAgentsMs(system)).toBeGreaterThan(0);
    expect(system.taken).toHaveLength(50);
    expect(system.taken.every(({ tenant }) => tenant === 'second')).toBe(true);
  });

  it('of another tenant come behind the whole backlog of the first', async () => {
    const system = obedient();
    const { idleMs, ratio } = await canaryBehind(system, 30);
    const tenants = system.taken.map(({ tenant }) => tenant);
    expect(tenants.indexOf(undefined)).toBe(10);
    expect(tenants.lastIndexOf(undefined)).toBe(39);
    expect(tenants.slice(40).every((tenant) => tenant === 'second')).toBe(true);
    expect(tenants.length).toBeGreaterThan(40);
    expect(idleMs).toBeGreaterThan(0);
    expect(ratio).toBeGreaterThan(0);
  });
});
