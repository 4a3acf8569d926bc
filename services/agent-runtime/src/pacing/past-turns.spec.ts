import { beforeEach, describe, expect, it } from '@jest/globals';
import { RefusedError } from '@skynet/platform';
import { PastTurns } from './past-turns.js';

let turns: PastTurns;
let begun: string[];
let endings: Map<string, () => void>;

beforeEach(() => {
  turns = new PastTurns({ atOnce: 2, waitingPerTenant: 2 });
  begun = [];
  endings = new Map();
});

function ask(tenant: string, name: string): Promise<string> {
  return turns.run(tenant, () => {
    begun.push(name);
    return new Promise((resolve) => endings.set(name, () => resolve(name)));
  });
}

/** Until nothing moves any more. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function end(name: string): Promise<void> {
  endings.get(name)?.();
  await settle();
}

describe('questions about the past', () => {
  it('of one tenant are answered one after the other', async () => {
    const [first, second] = [ask('a', 'a1'), ask('a', 'a2')];
    await settle();
    expect(begun).toEqual(['a1']);
    await end('a1');
    expect(begun).toEqual(['a1', 'a2']);
    await end('a2');
    expect(await Promise.all([first, second])).toEqual(['a1', 'a2']);
  });

  it('of other tenants wait for none of them, up to as many as there may be at once', async () => {
    const asked = ['a1', 'a2', 'b1', 'c1'].map((name) => ask(name.slice(0, 1), name));
    await settle();
    expect(begun).toEqual(['a1', 'b1']);
    await end('b1');
    expect(begun).toEqual(['a1', 'b1', 'c1']);
    for (const name of ['a1', 'c1', 'a2']) await end(name);
    expect(await Promise.all(asked)).toHaveLength(4);
  });

  it('are refused when too many of the tenant wait; those of others are not', async () => {
    const asked = ['a1', 'a2', 'a3'].map((name) => ask('a', name));
    const refused = await ask('a', 'a4').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedError);
    expect(refused).toMatchObject({ rejection: { code: 'OVERLOADED' } });
    const other = ask('b', 'b1');
    await settle();
    expect(begun).toContain('b1');
    for (const name of ['a1', 'a2', 'a3', 'b1']) await end(name);
    await Promise.all([...asked, other]);
    const again = ask('a', 'a5');
    await settle();
    await end('a5');
    expect(await again).toBe('a5');
  });

  it('that fail let the next one begin', async () => {
    const failed = turns.run('a', () => Promise.reject(new Error('gone')));
    const next = ask('a', 'a2');
    await expect(failed).rejects.toThrow('gone');
    await settle();
    await end('a2');
    expect(await next).toBe('a2');
  });
});
