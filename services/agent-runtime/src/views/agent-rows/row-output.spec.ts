import { beforeEach, describe, expect, it } from '@jest/globals';
import { AGENT_ROWS, type AgentRow } from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import { MemoryStateStores, silentLogger as log, type StateStore } from '@skynet/platform';
import { agentSpawned, anAgentId, ManualClock } from '@skynet/testing';
import { RowOutput } from './row-output.js';

let clock: ManualClock;
let bucket: StateStore<AgentRow>;
let output: RowOutput;
let writes: number;

let hints: unknown[];

beforeEach(async () => {
  clock = new ManualClock();
  bucket = await new MemoryStateStores(clock).open<AgentRow>(AGENT_ROWS);
  writes = 0;
  const put = bucket.put.bind(bucket);
  bucket.put = (...row) => {
    writes += 1;
    return put(...row);
  };
  hints = [];
  const bus = { hint: (_subject: string, data: unknown) => void hints.push(data) };
  output = new RowOutput(bucket, { bus, clock, log, isLeading: () => true });
});

function rowWith(children: number, change: Partial<AgentRow> = {}): AgentRow {
  const spawned = { ...agentSpawned(), revision: 0, timeMs: 0 };
  const row = agentRowProjection.evolve(undefined, spawned);
  if (row === undefined) throw new Error('no row');
  const childIds = Array.from({ length: children }, (_, index) => anAgentId(index + 2));
  return { ...row, revision: children, childIds, ...change };
}

const stored = async () => (await bucket.get(anAgentId()))?.value;

describe('the row of a parent', () => {
  it('with many children is written once for all that it gets within a quarter of a second', async () => {
    for (let children = 51; children <= 75; children += 1) {
      output.write(rowWith(children));
      await clock.advance(10);
    }
    expect(writes).toBe(1);
    expect((await stored())?.childIds).toHaveLength(75);
  });

  it('with few children is written within 50 ms, once for all that it gets meanwhile', async () => {
    output.write(rowWith(2));
    await clock.advance(49);
    expect(writes).toBe(0);
    output.write(rowWith(3));
    await clock.advance(1);
    expect(writes).toBe(1);
    expect((await stored())?.childIds).toHaveLength(3);
  });

  it('is written once when the agent ends soon', async () => {
    output.write(rowWith(2));
    output.write(rowWith(3, { status: 'completed' }));
    await clock.advance(1_000);
    expect(writes).toBe(1);
    expect(await stored()).toMatchObject({ status: 'completed' });
  });

  it('does not go out early because another agent ends', async () => {
    output.write(rowWith(2));
    output.write(rowWith(0, { agentId: anAgentId(9), status: 'completed' }));
    await clock.advance(49);
    expect(await stored()).toBeUndefined();
    await clock.advance(1);
    expect(await stored()).toBeDefined();
  });

  it.each<Partial<AgentRow>>([
    { status: 'failed' },
    { status: 'paused' },
    { status: 'waiting', waitingFor: { kind: 'input', ids: ['m1_0'] } },
  ])('is shown at once where somebody may wait for it: %j', async (change) => {
    output.write(rowWith(2, change));
    await clock.advance(0);
    expect(await stored()).toMatchObject(change);
  });

  it('shows its end at once, and never goes back', async () => {
    output.write(rowWith(60));
    output.write(rowWith(61, { status: 'completed' }));
    await clock.advance(0);
    expect(await stored()).toMatchObject({ status: 'completed' });
    await clock.advance(1_000);
    expect(await stored()).toMatchObject({ status: 'completed', revision: 61 });
    expect(writes).toBe(1);
  });

  it.each([3, 60])(
    'is stored when everything is said to be: with %i children',
    async (children) => {
      output.write(rowWith(children));
      await output.written();
      expect((await stored())?.childIds).toHaveLength(children);
    },
  );
});

describe('the hint that a row has changed', () => {
  const ended = { status: 'completed', revision: 9 } as const;
  const hint = { revision: 9, status: 'completed' };

  it('shows the end of a root, for which clients wait', async () => {
    const row = rowWith(2, ended);
    output.write(row);
    await output.written();
    expect(hints).toEqual([{ ...hint, row }]);
  });

  it('shows neither others nor large ones', async () => {
    output.write(rowWith(51, ended));
    output.write(rowWith(2, { ...ended, agentId: anAgentId(99), rootId: anAgentId() }));
    await output.written();
    expect(hints).toEqual([hint, hint]);
  });
});
