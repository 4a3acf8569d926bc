import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { registryReportSchema, type RegistryReport } from '@skynet/contracts';
import { wordsOfProgram } from '../ending/words-of-program.js';
import { serviceProgram } from '../stack/repository.js';
import { Trouble } from '../ending/trouble.js';

const MAX_OUTPUT_BYTES = 64 * 1_024 * 1_024;
/** A longer one is looked at no further. */
const MAX_TASK_CHARS = 20_000;
/** It loads the modules of scripted models, which are anybody's. */
const LONGEST_MS = 60_000;

/**
 * Looks at a registry, or what there is without one, with the owner's program, in the environment of this process; needs
 * no stack.
 *
 * @throws Trouble when the program itself fails
 */
export async function checkRegistry(
  file: string | undefined,
  /** What `auto` would choose a model for, if that is asked. */
  task?: string,
): Promise<RegistryReport> {
  const args = [
    serviceProgram('agent-runtime', 'registry-check.js'),
    file ?? '',
    ...(task === undefined ? [] : [task.slice(0, MAX_TASK_CHARS)]),
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: LONGEST_MS,
    });
    return registryReportSchema.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Trouble(`The registry was not checked: ${wordsOfProgram(stderr) || String(error)}`, {
      next: 'Is the project built? "npm run build" does it.',
      cause: error,
    });
  }
}
