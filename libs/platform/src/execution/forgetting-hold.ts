import { sleep, type Clock } from '../runtime/clock.js';
import type { StateStore, StateStores } from '../state/state-store.port.js';
import { CHECKPOINTS } from './checkpoint.js';

/** Prefix of the notes beside the checkpoints of what is being taken out of the log. */
export const FORGETTING_NOTES = 'retention.';

interface Hold {
  /** Epoch milliseconds. */
  readonly untilMs: number;
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
  const holds = await states.open<Hold>(CHECKPOINTS);
  const hold = () => holds.put(KEY, { untilMs: clock.nowMs() + HELD_MS });
  let cancel = (): void => undefined;
  const renew = (): void => {
    cancel = clock.timer(RENEW_MS, () => {
      // What can't be renewed now may be the next time.
      hold().catch(() => undefined);
      renew();
    });
  };
  await hold();
  renew();
  try {
    await untilNothingIsUnderWay(holds, clock);
    return await work();
  } finally {
    cancel();
    await holds.delete(KEY);
  }
}

/** To be asked after the note of what is to go was written, and before anything of it goes. */
export async function isForgettingHeld(
  states: Pick<StateStores, 'open'>,
  clock: Pick<Clock, 'nowMs'>,
): Promise<boolean> {
  const hold = await (await states.open<Hold>(CHECKPOINTS)).get(KEY);
  return hold !== undefined && clock.nowMs() < hold.value.untilMs;
}

async function untilNothingIsUnderWay(notes: StateStore<unknown>, clock: Clock): Promise<void> {
  const endMs = clock.monotonicMs() + LONGEST_WAIT_MS;
  while (clock.monotonicMs() < endMs) {
    const { entries } = await notes.scan(FORGETTING_NOTES, { limit: 1 });
    if (entries.length === 0) return;
    await sleep(clock, LOOK_AGAIN_MS);
  }
}
