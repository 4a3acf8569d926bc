import { beforeEach, describe, expect, it } from '@jest/globals';
import { commitOf, newStream } from '@skynet/testing';
import { digestOfLog, eachCommit } from '../copying/log-digest.js';
import type { Position } from '../event-store.port.js';
import { MemoryEventStore, MemoryLog } from '../memory-event-store.adapter.js';
import { WholeLog } from './whole-log.js';

let commonLog: MemoryLog;
let common: MemoryEventStore;
let auth: MemoryEventStore;

beforeEach(() => {
  commonLog = new MemoryLog();
  common = new MemoryEventStore(commonLog);
  auth = new MemoryEventStore();
});

const opened = (...leftBehind: string[]) =>
  new WholeLog({ common, auth, leftBehind: new Set(leftBehind) });

async function streamsOf(store: Pick<WholeLog, 'subscribe'>): Promise<string[]> {
  const seen: string[] = [];
  await eachCommit(store, ({ stream }) => void seen.push(stream));
  return seen.toSorted();
}

describe('both logs as one', () => {
  it('put each stream where it belongs, and read it from there', async () => {
    const whole = opened();
    const agent = newStream();
    await whole.append(agent, commitOf(['a']), 'no-stream');
    await whole.append('principal-alice', commitOf(['b']), 'no-stream');
    await whole.append('audit-1', commitOf(['c']), 'no-stream');
    expect(await streamsOf(common)).toEqual([agent]);
    expect(await streamsOf(auth)).toEqual(['audit-1', 'principal-alice']);
    expect(await streamsOf(whole)).toEqual([agent, 'audit-1', 'principal-alice'].toSorted());
    expect(await whole.read('principal-alice')).toHaveLength(1);
    expect(await whole.read(agent)).toHaveLength(1);
  });

  it('have a head while one of them has', async () => {
    const whole = opened();
    expect(await whole.head()).toBeUndefined();
    await whole.append('principal-alice', commitOf(['b']), 'no-stream');
    expect(await whole.head()).toBeDefined();
    expect(await whole.head('principal-')).toBeDefined();
    expect(await whole.head('agent-')).toBeUndefined();
  });

  it('say of places which log they are in', async () => {
    const whole = opened();
    const places: Position[] = [];
    places.push((await whole.append(newStream(), commitOf(['a']), 'no-stream')).position);
    places.push((await whole.append('principal-a', commitOf(['b']), 'no-stream')).position);
    places.push((await whole.append('principal-b', commitOf(['b']), 'no-stream')).position);
    const [first, second, third] = places as [Position, Position, Position];
    expect(whole.comparePositions(first, second)).toBeLessThan(0);
    expect(whole.comparePositions(third, second)).toBeGreaterThan(0);
    expect(whole.comparePositions(second, second)).toBe(0);
  });

  it('are handed on one commit at a time, also what comes later', async () => {
    const whole = opened();
    let underWay = 0;
    let most = 0;
    const seen: string[] = [];
    const all = Promise.withResolvers<void>();
    await whole.append(newStream(), commitOf(['a']), 'no-stream');
    await whole.append('principal-a', commitOf(['a']), 'no-stream');
    const subscription = await whole.subscribe({}, async ({ stream }) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      if (seen.push(stream) === 4) all.resolve();
    });
    await subscription.caughtUp;
    expect(seen).toHaveLength(2);
    await whole.append(newStream(), commitOf(['a']), 'no-stream');
    await whole.append('principal-b', commitOf(['a']), 'no-stream');
    await all.promise;
    await subscription.stop();
    expect(most).toBe(1);
  });

  it('end with what a handler throws', async () => {
    const whole = opened();
    await whole.append('principal-a', commitOf(['a']), 'no-stream');
    const subscription = await whole.subscribe({}, () => {
      throw new Error('full');
    });
    await expect(subscription.closed).rejects.toThrow('full');
  });

  it('tell of what is damaged in either', async () => {
    commonLog.addDamage('agent-x', 'it is none');
    await expect(digestOfLog(opened())).rejects.toThrow('is damaged at');
    const damaged = new MemoryLog();
    damaged.addDamage('principal-x', 'it is none');
    auth = new MemoryEventStore(damaged);
    common = new MemoryEventStore();
    await expect(digestOfLog(opened())).rejects.toThrow('is damaged at');
  });
});

describe('users that a release before has left in the common log', () => {
  const agent = newStream();

  beforeEach(async () => {
    await common.append('principal-alice', commitOf(['a', 'b']), 'no-stream');
    await common.append(agent, commitOf(['x']), 'no-stream');
    await common.append('principal-alice', commitOf(['c']), 1);
    await common.append('principal-bob', commitOf(['a']), 'no-stream');
  });

  const left = ['principal-alice', 'principal-bob'];

  it('are read from there until they are taken over, and then from the other: always the same', async () => {
    const before = opened(...left);
    const { sha256, streams } = (await digestOfLog(before)).summary();
    expect(streams).toBe(3);
    expect(await before.read('principal-alice')).toHaveLength(3);
    expect(await before.takeOver()).toBe(2);
    expect((await digestOfLog(before)).summary().sha256).toBe(sha256);
    expect((await digestOfLog(opened())).summary().sha256).toBe(sha256);
    expect(await streamsOf(auth)).toEqual(['principal-alice', ...left]);
  });

  it('are not changed before', async () => {
    const change = opened(...left).append('principal-bob', commitOf(['d']), 0);
    await expect(change).rejects.toThrow('skynet log upgrade');
  });

  it('are taken over once, however often it is asked for, also after a part of it and a change', async () => {
    const [first] = await common.read('principal-alice', { max: 2 });
    expect(first).toBeDefined();
    await opened('principal-bob').takeOver();
    await opened(...left).takeOver();
    await auth.append('principal-bob', commitOf(['d']), 0);
    await opened(...left).takeOver();
    expect(await auth.read('principal-alice')).toHaveLength(3);
    expect(await auth.read('principal-bob')).toHaveLength(2);
  });

  it('are not mixed with others of the same name', async () => {
    await auth.append('principal-bob', commitOf(['another']), 'no-stream');
    await expect(opened(...left).takeOver()).rejects.toThrow('principal-bob differs at event 0');
    expect(await auth.read('principal-bob')).toHaveLength(1);
  });

  it('stay where they are when one of them is damaged', async () => {
    commonLog.addDamage('principal-x', 'it is none');
    await expect(opened(...left, 'principal-x').takeOver()).rejects.toThrow('is damaged at');
  });
});
