import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { Trouble } from '../ending/trouble.js';

/**
 * What a file of JSON holds; undefined when there is no such file.
 *
 * @throws Trouble that names the file when it holds something else
 * @throws the error of the system when it can't be read
 */
export async function readJson<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  next: string,
): Promise<z.output<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Trouble(`${file} is damaged: it does not hold what this program wrote.`, {
      next,
      cause,
    });
  }
}
