import { sleep, systemClock } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';
import { isRefusal } from '../nats/refusal.js';

const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * Makes a thing of the server; who may not make any waits until the operator has.
 *
 * @throws WorldError `retry: 'later'` when it is not there in 30 s
 */
export async function makeOrAwait<Thing>(
  what: string,
  make: () => Promise<Thing>,
  find: () => Promise<Thing | undefined>,
): Promise<Thing> {
  try {
    return await make();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += LOOK_EVERY_MS) {
    const found = await find();
    if (found !== undefined) return found;
    await sleep(systemClock, LOOK_EVERY_MS);
  }
  const message = `${what} is not there, and services may not make it: "skynet log upgrade" with the operator’s key does`;
  throw new WorldError(message, 'later');
}
