import { inTrouble } from '../ending/store-trouble.js';
import type { Environment } from '../command/cli.config.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { openLog } from '../connection/operator-log.js';
import { Trouble } from '../ending/trouble.js';

const WHAT = 'Users and clients of a release before were not taken over';

/**
 * Brings users and clients that a release before kept in the common log into the one that auth alone reads; the answer is
 * how many there were. Safe to repeat, at any time.
 *
 * @throws Trouble that says what is in the way
 */
export async function takeOverUsers(
  operator: Pick<StoredConnection, 'nats' | 'natsKeyFile'>,
  environment: Environment,
): Promise<number> {
  const { LogsDifferError } = await import('@skynet/platform/operations');
  try {
    return await inTrouble(WHAT, async () => {
      const stores = await openLog(operator, environment);
      return stores.takeOver().finally(() => stores.close());
    });
  } catch (error) {
    if (!(error instanceof LogsDifferError)) throw error;
    throw new Trouble(`${WHAT}: ${error.message} in LOG and AUTHLOG.`, {
      next: 'An auth of the release before has run beside the new one. Stop it; docs/operations/upgrade.md says what to do.',
      cause: error,
    });
  }
}
