import { Trouble } from './trouble.js';

/** Does the work; what the stores report becomes words for the person at the keyboard. */
export async function inTrouble<Result>(
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const { faultOf, WorldError } = await import('@skynet/platform');
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    if (faultOf(error) !== undefined) throw damagedLog(what, error);
    throw new Trouble(`${what}: ${error.message}.`, {
      next: 'Do the stores run? For a stack that is stopped start "skynet up --store-only".',
      cause: error,
    });
  }
}

/** What is made of a damaged log would lack something, and nobody would see it. */
export function damagedLog(what: string, error: Error): Trouble {
  return new Trouble(`${what}: ${error.message}.`, {
    next: '"skynet log doctor" lists what is damaged, docs/operations/runbooks.md says what to do.',
    cause: error,
  });
}
