import { describe, expect, it } from '@jest/globals';
import { readCliConfig } from '../command/cli.config.js';
import type { SystemName } from '../peers/benched-system.js';
import { extentOf } from './extent.js';
import { preparePeer, runRounds, type Candidate } from './run-rounds.js';

const extent = extentOf({});
const signal = new AbortController().signal;

function candidates(...ids: readonly SystemName[]) {
  const measured: string[] = [];
  const candidate = (id: SystemName, failsAt?: number): Candidate => {
    let round = 0;
    return {
      id,
      mayFail: id !== 'ours',
      measure: () => {
        measured.push(id);
        round += 1;
        if (round === failsAt) return Promise.reject(new Error('It ended.'));
        const told = { name: id, version: '1', durability: 'none' };
        return Promise.resolve({ ...told, figures: { aloneP50Ms: round } });
      },
    };
  };
  return { measured, candidate, all: ids.map((id) => candidate(id)) };
}

const options = { rounds: 3, extent, onPhase: () => undefined };

describe('rounds', () => {
  it('measure the systems in turn', async () => {
    const { measured, all } = candidates('ours', 'bullmq');
    const { systems, leftOut } = await runRounds(all, options);
    expect(measured).toEqual(['ours', 'bullmq', 'ours', 'bullmq', 'ours', 'bullmq']);
    expect(leftOut).toEqual([]);
    expect(systems.map(({ id, rounds }) => [id, rounds.map(({ round }) => round)])).toEqual([
      ['ours', [1, 2, 3]],
      ['bullmq', [1, 2, 3]],
    ]);
    expect(systems[0]?.rounds[2]).toMatchObject({ figures: { aloneP50Ms: 3 } });
    expect(systems[0]?.rounds[2]?.machine.cores).toBeGreaterThan(0);
  });

  it('go on without a peer that fails, and say why', async () => {
    const { measured, candidate } = candidates();
    const { systems, leftOut } = await runRounds(
      [candidate('bullmq', 2), candidate('ours')],
      options,
    );
    expect(measured).toEqual(['bullmq', 'ours', 'bullmq', 'ours', 'ours']);
    expect(systems.map(({ id }) => id)).toEqual(['ours']);
    expect(leftOut).toEqual([{ id: 'bullmq', reason: 'it failed in round 2: It ended' }]);
  });

  it('end when ours fails', async () => {
    const { candidate } = candidates();
    await expect(runRounds([candidate('ours', 1)], options)).rejects.toThrow('It ended.');
  });

  it('end when somebody has had enough', async () => {
    const { all } = candidates('bullmq');
    const onPhase = () => {
      throw new Error('interrupted');
    };
    await expect(runRounds(all, { ...options, onPhase })).rejects.toThrow('interrupted');
  });
});

describe('a peer', () => {
  const config = readCliConfig({ PATH: '' });
  const servers = { redisServer: undefined, temporalServer: undefined };

  it.each([
    ['bullmq', 'there is no redis-server'],
    ['temporal', 'TEMPORAL_SERVER names no program'],
  ] as const)('is left out without the server that it needs: %s', async (id, reason) => {
    expect(await preparePeer(id, { config, servers, signal })).toEqual({ id, reason });
  });
});
