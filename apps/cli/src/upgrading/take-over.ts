import type { OperatorStores } from '@skynet/platform';
import { inTrouble } from '../ending/store-trouble.js';
import { Trouble } from '../ending/trouble.js';

const WHAT = 'Users and clients of a release before were not taken over';

/**
 * Brings users and clients that a release before kept in the common log into the one that auth alone reads; the answer is
 * how many there were. Safe to repeat, at any time.
 *
 * @throws Trouble that says what is in the way
 */
export async function takeOverUsers(stores: Pick<OperatorStores, 'takeOver'>): Promise<number> {
  const { LogsDifferError } = await import('@skynet/platform');
  try {
    return await inTrouble(WHAT, () => stores.takeOver());
  } catch (error) {
    if (!(error instanceof LogsDifferError)) throw error;
    throw new Trouble(`${WHAT}: ${error.message} in LOG and AUTHLOG.`, {
      next: 'An auth of the release before has run beside the new one. Stop it; docs/operations/upgrade.md says what to do.',
      cause: error,
    });
  }
}
