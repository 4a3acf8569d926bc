import { JetStreamApiError } from '@nats-io/jetstream';
import { NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node';
import { sleep, systemClock, type Clock } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';

const UNAVAILABLE = 503;
const AGAIN_MS = 200;
const LIMIT_MS = 30_000;

/**
 * Whether a request fails for a reason that passes by itself: a leader is being elected, a server starts or was late.
 * The vendor's client calls it "not enabled" when nobody answers a request to JetStream.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof TimeoutError || error instanceof NoRespondersError) return true;
  if (error instanceof RequestError) return error.isNoResponders();
  if (error instanceof Error && error.name === 'JetStreamNotEnabled') return true;
  if (error instanceof JetStreamApiError) return error.status === UNAVAILABLE;
  return error instanceof WorldError && error.retry === 'later';
}

/**
 * The outcome of the work, which is done again while it fails for a reason that passes, for 30 s at most; for starting.
 *
 * @throws what the work threw last
 */
export async function untilItPasses<Result>(
  work: () => Promise<Result>,
  isFinal: (error: unknown) => boolean = () => false,
  clock: Clock = systemClock,
): Promise<Result> {
  const endMs = clock.monotonicMs() + LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isOver = clock.monotonicMs() + AGAIN_MS > endMs;
      if (!isPassing(error) || isFinal(error) || isOver) throw error;
    }
    await sleep(clock, AGAIN_MS);
  }
}
