import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, ManualClock } from '@skynet/testing';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import { WorldError } from '../runtime/world-error.js';
import { CHECKPOINTS } from './checkpoint.js';
import { FORGETTING_NOTES, isForgettingHeld, whileNothingIsForgotten } from './forgetting-hold.js';

let clock: ManualClock;
let states: MemoryStateStores;

beforeEach(() => {
  clock = new ManualClock();
  states = new MemoryStateStores(clock);
});

describe('work that holds up what is taken out of the log', () => {
  it('holds it for as long as it takes, and no longer', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const held = whileNothingIsForgotten(states, clock, () => promise);
    await eventually(async () => expect(await isForgettingHeld(states, clock)).toBe(true));
    await clock.advance(600_000);
    expect(await isForgettingHeld(states, clock)).toBe(true);
    resolve('done');
    expect(await held).toBe('done');
    expect(await isForgettingHeld(states, clock)).toBe(false);
  });

  it('goes on holding it when other work ends that has held it too', async () => {
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const begun: string[] = [];
    const hold = (name: string, end: Promise<void>) =>
      whileNothingIsForgotten(states, clock, () => {
        begun.push(name);
        return end;
      });
    const works = [hold('first', first.promise), hold('second', second.promise)];
    await eventually(() => expect(begun.toSorted()).toEqual(['first', 'second']));
    first.resolve();
    await works[0];
    expect(await isForgettingHeld(states, clock)).toBe(true);
    second.resolve();
    await works[1];
    expect(await isForgettingHeld(states, clock)).toBe(false);
  });

  it('has its result also when nobody can be told that it is over', async () => {
    const store = await states.open<object>(CHECKPOINTS);
    const open = () => Promise.resolve(store as never);
    const held = whileNothingIsForgotten({ open }, clock, async () => {
      const away = () => Promise.reject(new WorldError('away', 'later'));
      Object.assign(store, { get: away, put: away, delete: away });
      return 'done';
    });
    expect(await held).toBe('done');
  });

  it('begins when nothing is under way any more', async () => {
    const notes = await states.open<object>(CHECKPOINTS);
    await notes.put(`${FORGETTING_NOTES}a`, {});
    let hasBegun = false;
    const held = whileNothingIsForgotten(states, clock, async () => void (hasBegun = true));
    await clock.advance(1_000);
    expect(hasBegun).toBe(false);
    await notes.delete(`${FORGETTING_NOTES}a`);
    await clock.advance(200);
    await held;
    expect(hasBegun).toBe(true);
  });

  it('does not wait for ever for what a process that is gone has begun', async () => {
    await (await states.open<object>(CHECKPOINTS)).put(`${FORGETTING_NOTES}a`, {});
    let isOver = false;
    const held = whileNothingIsForgotten(states, clock, async () => void (isOver = true));
    await clock.advance(31_000);
    await held;
    expect(isOver).toBe(true);
  });

  it('holds nothing any more some minutes after it was killed', async () => {
    void whileNothingIsForgotten(states, { ...clockThatStops() }, () => new Promise(() => {}));
    await eventually(async () => expect(await isForgettingHeld(states, clock)).toBe(true));
    await clock.advance(121_000);
    expect(await isForgettingHeld(states, clock)).toBe(false);
  });
});

/** As that of a process that is killed: no timer of it falls due. */
function clockThatStops() {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    timer: () => () => undefined,
  };
}
