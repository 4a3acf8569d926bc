import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { makeFolder } from '../files/make-folder.js';
import { writeWhole } from '../files/write-whole.js';
import { parsedEval, textOf } from '../eval/eval-file.js';
import { withCase } from './grown-file.js';
import { jsonText } from '../eval/json-text.js';
import type { RecordedTree } from '../eval/recorded-tree.js';

/** A recorded tree that is to be a case; all paths are absolute. */
export interface NewCase {
  /** Of the evaluation; made when it is not there. */
  readonly file: string;
  readonly name: string;
  readonly tree: RecordedTree;
  readonly archive: { readonly file: string; readonly text: string };
  readonly registry?: string;
  /** What a judge looks for, in the place of the same words. */
  readonly judge?: string;
}

/**
 * Looks whether a case of this name could be added to the file.
 *
 * @throws Trouble when the file is none of an evaluation, when there is no folder for it, or when it has such a case
 */
export function checkRoom(file: string, name?: string): void {
  if (!existsSync(dirname(file))) throw new Trouble(`There is no folder ${dirname(file)}.`);
  const text = textIn(file);
  const cases = text === undefined ? [] : parsedEval(file, text).cases;
  if (!cases.some((each) => each.name === name)) return;
  throw new Trouble(`There is a case ${String(name)} in ${file} already.`, {
    next: 'Choose another name with --name.',
    exitCode: exitCodes.usage,
  });
}

/**
 * Writes the archive, then the file with the case.
 *
 * @throws Trouble when something is in the way; then there is neither
 */
export async function keepCase(added: NewCase): Promise<void> {
  const { file, name, archive } = added;
  checkRoom(file, name);
  parsedEval(file, withCase(textIn(file), caseOf(added)));
  const isNew = await isMissing(archive);
  if (isNew) {
    await makeFolder(dirname(archive.file));
    await writeWhole(archive.file, archive.text);
  }
  try {
    // What others have added meanwhile stays.
    checkRoom(file, name);
    await writeWhole(file, withCase(textIn(file), caseOf(added)));
  } catch (error) {
    if (isNew) await rm(archive.file, { force: true });
    throw error;
  }
}

function caseOf({ file, name, tree, archive, registry, judge }: NewCase): object {
  const fromFile = (path: string) => relative(dirname(file), path).split(sep).join('/');
  return {
    name,
    recorded: {
      archive: fromFile(archive.file),
      ...(registry !== undefined && { registry: fromFile(registry) }),
    },
    ...(tree.agent !== undefined && { agent: tree.agent }),
    expect: { status: tree.status, ...(judge === undefined ? resultOf(tree) : { judge }) },
  };
}

/** What an agent leaves that did not complete differs from one time to the next. */
function resultOf({ status, output, agent }: RecordedTree): { readonly equals?: unknown } {
  if (status !== 'completed') return {};
  const value = agent?.outputSchema === undefined ? undefined : jsonText(output);
  // A text would stand for the whole answer as it is written.
  return { equals: value === undefined || typeof value === 'string' ? output.trim() : value };
}

/** False: the same tree is there already, of another case. */
async function isMissing({ file, text }: NewCase['archive']): Promise<boolean> {
  if (!existsSync(file)) return true;
  if ((await readFile(file, 'utf8')) === text) return false;
  throw new Trouble(`There is a ${file} already, and it holds something else.`, {
    next: 'Choose another folder with --archive-dir.',
  });
}

function textIn(file: string): string | undefined {
  return existsSync(file) ? textOf(file) : undefined;
}
