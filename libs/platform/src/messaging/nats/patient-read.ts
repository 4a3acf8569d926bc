import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from './nats-link.js';

const TRIES = 3;
const RECONNECT_LIMIT_MS = 5_000;

/**
 * The result of a read, which may be made again when the connection is lost meanwhile. `what` names it in the error.
 *
 * @throws WorldError `retry: 'later'` when the server stays away or does not answer
 */
export async function patientRead<Result>(
  link: NatsLink,
  what: string,
  read: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    await link.whenConnected(RECONNECT_LIMIT_MS);
    try {
      return await link.untilLost(read());
    } catch (error) {
      if (tries < TRIES && !link.isConnected()) continue;
      throw new WorldError(`${what} can't be read now`, 'later', { cause: error });
    }
  }
}
