import { describe, expect, it } from '@jest/globals';
import { FairTurns } from './fair-turns.js';

/** Work that ends when it is told to, and the order in which it began. */
function handWork(turns: FairTurns) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const begin = (tenant: string, name: string) =>
    turns.run(tenant, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.push(() => resolve(name)));
    });
  const endNext = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  };
  return { begun, begin, endNext };
}

describe('turns', () => {
  it('begin at once while few are taken, and no more than that run', async () => {
    const { begun, begin, endNext } = handWork(new FairTurns(2));
    const works = ['a', 'b', 'c'].map((name) => begin('acme', name));
    expect(begun).toEqual(['a', 'b']);
    await endNext();
    expect(begun).toEqual(['a', 'b', 'c']);
    await endNext();
    await endNext();
    expect(await Promise.all(works)).toEqual(['a', 'b', 'c']);
  });

  it('go round the tenants: who has a hundred waiting comes after who has one', async () => {
    const { begun, begin, endNext } = handWork(new FairTurns(1));
    for (let count = 0; count < 100; count += 1) void begin('bomb', `bomb ${count}`);
    void begin('globex', 'small one');
    await endNext();
    await endNext();
    await endNext();
    expect(begun).toEqual(['bomb 0', 'bomb 1', 'small one', 'bomb 2']);
  });

  it('are passed on by work that fails', async () => {
    const turns = new FairTurns(1);
    const failed = turns.run('acme', () => Promise.reject(new Error('refused')));
    const next = turns.run('acme', () => Promise.resolve('done'));
    await expect(failed).rejects.toThrow('refused');
    expect(await next).toBe('done');
  });

  it('let the process read what has come before the next one begins', async () => {
    const turns = new FairTurns(1);
    const order: string[] = [];
    const works = [1, 2, 3].map((number) =>
      turns.run('acme', async () => void order.push(`work ${number}`)),
    );
    setImmediate(() => order.push('message'));
    await Promise.all(works);
    expect(order.slice(0, -1)).toContain('message');
  });
});
