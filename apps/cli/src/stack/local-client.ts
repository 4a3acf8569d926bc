import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { wordsOfProgram } from '../ending/words-of-program.js';
import { Trouble } from '../ending/trouble.js';
import { serviceProgram } from './repository.js';

/** Makes the client of this machine's owner: admin of the tenant, of `local` when none is named. Safe to repeat. */
export async function makeLocalClient(
  dataFolder: string,
  signal: AbortSignal,
  tenant?: string,
): Promise<void> {
  const program = serviceProgram('auth', 'make-local-client.js');
  const args = [program, '--data', join(dataFolder, 'auth')];
  if (tenant !== undefined) args.push('--tenant', tenant);
  try {
    await promisify(execFile)(process.execPath, args, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = '' } = error as { stderr?: string };
    throw new Trouble(`The local client could not be made: ${wordsOfProgram(stderr)}`, {
      cause: error,
    });
  }
}
