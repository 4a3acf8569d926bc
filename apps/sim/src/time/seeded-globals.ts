import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

interface Current {
  readonly time: VirtualTime;
  readonly random: Random;
}

let current: Current | undefined;

function world(): Current {
  if (current === undefined) throw new Error('no simulation is under way');
  return current;
}

/**
 * Puts time and chance of a simulation in the place of the machine's, for what does not have them handed in. Once a
 * process; afterwards nothing in it sees real time.
 */
export function seedGlobals(): void {
  const after = (ms = 0, callback: () => void) => world().time.after(ms, callback);
  Math.random = () => world().random.next();
  Date.now = () => world().time.nowMs;
  performance.now = () => world().time.elapsedMs;
  const replaced = {
    setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]) => ({
      cancel: after(0, () => callback(...args)),
    }),
    setTimeout: (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => ({
      cancel: after(ms, () => callback(...args)),
      unref: () => undefined,
    }),
    clearTimeout: (timer?: { cancel(): void }) => timer?.cancel(),
    clearImmediate: (timer?: { cancel(): void }) => timer?.cancel(),
  };
  Object.assign(globalThis, replaced);
  Object.assign(timers, {
    setImmediate: (value: unknown) => new Promise((resolve) => after(0, () => resolve(value))),
    setTimeout: (ms: number, value: unknown) =>
      new Promise((resolve) => after(ms, () => resolve(value))),
  });
  Object.assign(crypto, {
    randomUUID: () => uuidOf(world().random),
    randomBytes: (length: number) => world().random.bytes(length),
  });
  syncBuiltinESMExports();
}

/** Of the simulation that begins. */
export function useIn(time: VirtualTime, random: Random): void {
  current = { time, random };
}

function uuidOf(random: Random): string {
  const hex = random.bytes(16).toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
