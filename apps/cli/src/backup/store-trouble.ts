import { Trouble } from '../trouble.js';

/** Does the work; what the stores report becomes words for the person at the keyboard. */
export async function inTrouble<Result>(
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const { WorldError } = await import('@skynet/platform');
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    throw new Trouble(`${what}: ${error.message}.`, {
      next: 'Do the stores run? For a stack that is stopped start "skynet up --store-only".',
      cause: error,
    });
  }
}
