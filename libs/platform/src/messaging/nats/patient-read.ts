import { sleep, systemClock } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from './nats-link.js';
import { isPassing } from './passing-failure.js';

const LIMIT_MS = 5_000;
const AGAIN_MS = 100;

/**
 * The result of a read, which is made again when the connection is lost meanwhile or a leader is being elected, for 5 s.
 * `what` names it in the error.
 *
 * @throws WorldError `retry: 'later'` when the server stays away or does not answer
 */
export async function patientRead<Result>(
  link: NatsLink,
  what: string,
  read: () => Promise<Result>,
): Promise<Result> {
  const endMs = systemClock.monotonicMs() + LIMIT_MS;
  for (;;) {
    await link.whenConnected(LIMIT_MS);
    try {
      return await link.untilLost(read());
    } catch (error) {
      const mayPass = isPassing(error) && systemClock.monotonicMs() + AGAIN_MS <= endMs;
      if (!mayPass) throw new WorldError(`${what} can't be read now`, 'later', { cause: error });
    }
    await sleep(systemClock, AGAIN_MS);
  }
}
