import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

const MAX_BYTES = 256 * 1_024;

/** The file that a template's instructions name, from the registry's folder; undefined when they are the text itself. */
export function instructionsFile(instructions: string, folder: string): string | undefined {
  const isFile = /^\.{0,2}\/\S*$|^[^\n]+\.(md|txt)$/i.test(instructions);
  return isFile ? resolve(folder, instructions) : undefined;
}

/**
 * The text of a file with instructions.
 *
 * @throws Error that says why there is none
 */
export function readInstructions(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new Error('there is no such file');
  if (!found.isFile()) throw new Error('it is no file');
  if (found.size > MAX_BYTES) throw new Error(`the file has more than ${MAX_BYTES} bytes`);
  const text = readFileSync(file, 'utf8');
  if (text.trim() === '') throw new Error('the file is empty');
  return text;
}
