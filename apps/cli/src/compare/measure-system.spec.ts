import { describe, expect, it } from '@jest/globals';
import { extentOf } from './extent.js';
import { measureSystem, usageFigures } from './measure-system.js';

describe('what processes used', () => {
  const [MIB, before] = [1_048_576, { nats: { cpuSeconds: 10, peakBytes: 1 } }];

  it('is that of the phase alone for CPU, and the most of each ever for memory', () => {
    const after = {
      nats: { cpuSeconds: 11, peakBytes: 100 * MIB },
      // Started since.
      worker: { cpuSeconds: 0.5, peakBytes: 20 * MIB },
    };
    expect(usageFigures(before, after, 3_000)).toEqual({
      cpuSecondsPer1000Agents: 0.5,
      peakMemoryMib: 120,
    });
  });

  it('is not guessed where the machine does not tell', () => {
    expect(usageFigures(undefined, undefined, 1)).toEqual({});
  });
});

describe('a system', () => {
  it('is measured by what is asked for, and by no backlog when that is none', async () => {
    const system = {
      ...{ name: 'Some', version: '1', durability: 'none' },
      pids: () => ({}),
      submit: ({ depth }: { readonly depth: number }) =>
        Promise.resolve({
          ended: () => Promise.resolve(),
          answer: () =>
            Promise.resolve(depth === 1 ? { leaves: 1, agents: 1 } : { leaves: 9, agents: 13 }),
        }),
      stop: () => Promise.resolve(),
    };
    const extent = { ...extentOf({ quick: true, trees: 3 }), acceptSeconds: 0.05 };
    const figures = await measureSystem(system, extent, async (work) => {
      await work();
      return { appendsPerAgent: 3 };
    });
    expect(figures).toMatchObject({ appendsPerAgent: 3, agentsPerSecond: expect.any(Number) });
    expect(figures).not.toHaveProperty('queuedSeconds');
    expect(figures).not.toHaveProperty('canaryRatio');
    const whole = await measureSystem(
      system,
      { ...extent, queued: 5, backlog: 2 },
      async (work) => {
        await work();
        return {};
      },
    );
    expect(whole).toHaveProperty('queuedSeconds');
    expect(whole).toHaveProperty('canaryRatio');
  });
});
