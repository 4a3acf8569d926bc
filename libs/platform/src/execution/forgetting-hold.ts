import { randomUUID } from 'node:crypto';
import { sleep, type Clock } from '../runtime/clock.js';
import { StateConflictError } from '../state/state-conflict.js';
import type { StateStore, StateStores } from '../state/state-store.port.js';
import { CHECKPOINTS } from './checkpoint.js';

/** Prefix of the notes beside the checkpoints of what is being taken out of the log. */
export const FORGETTING_NOTES = 'retention.';

/** Of all that hold it. */
interface Holds {
  /** Epoch milliseconds, by holder. */
  readonly untilMs: Readonly<Record<string, number>>;
}

const KEY = 'retention-hold';
const HELD_MS = 120_000;
const RENEW_MS = 30_000;
const LOOK_AGAIN_MS = 100;
/** What is noted for longer was begun by a process that is gone, or waits for the end of the hold. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Does the work while nothing is taken out of the log: what reads all of it would get a part of a stream. What is under way
 * is waited for, 30 s at most.
 */
export async function whileNothingIsForgotten<Result>(
  states: Pick<StateStores, 'open'>,
  clock: Clock,
  work: () => Promise<Result>,
): Promise<Result> {
  const store = await states.open<Holds>(CHECKPOINTS);
  const holder = randomUUID();
  const hold = () => change(store, clock, { [holder]: clock.nowMs() + HELD_MS });
  let cancel = (): void => undefined;
  let renewal = Promise.resolve();
  const renew = (): void => {
    cancel = clock.timer(RENEW_MS, () => {
      // What can't be renewed now may be the next time.
      renewal = hold().catch(() => undefined);
      renew();
    });
  };
  await hold();
  renew();
  try {
    await untilNothingIsUnderWay(store, clock);
    return await work();
  } finally {
    cancel();
    await renewal;
    // What can't be told ends by itself.
    await change(store, clock, { [holder]: 0 }).catch(() => undefined);
  }
}

/** To be asked after the note of what is to go was written, and before anything of it goes. */
export async function isForgettingHeld(
  states: Pick<StateStores, 'open'>,
  clock: Pick<Clock, 'nowMs'>,
): Promise<boolean> {
  const held = await (await states.open<Holds>(CHECKPOINTS)).get(KEY);
  return Object.keys(livingOf(held?.value, clock.nowMs())).length > 0;
}

/** Safe to retry. */
async function change(
  store: StateStore<Holds>,
  clock: Pick<Clock, 'nowMs'>,
  own: Holds['untilMs'],
): Promise<void> {
  for (;;) {
    const held = await store.get(KEY);
    const nowMs = clock.nowMs();
    const untilMs = livingOf({ untilMs: { ...held?.value.untilMs, ...own } }, nowMs);
    try {
      await store.put(KEY, { untilMs }, held?.revision ?? 'absent');
      return;
    } catch (error) {
      if (!(error instanceof StateConflictError)) throw error;
    }
  }
}

function livingOf(holds: Holds | undefined, nowMs: number): Holds['untilMs'] {
  const all = Object.entries(holds?.untilMs ?? {});
  return Object.fromEntries(all.filter(([, untilMs]) => nowMs < untilMs));
}

async function untilNothingIsUnderWay(notes: StateStore<unknown>, clock: Clock): Promise<void> {
  const endMs = clock.monotonicMs() + LONGEST_WAIT_MS;
  while (clock.monotonicMs() < endMs) {
    const { entries } = await notes.scan(FORGETTING_NOTES, { limit: 1 });
    if (entries.length === 0) return;
    await sleep(clock, LOOK_AGAIN_MS);
  }
}
