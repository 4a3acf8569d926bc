import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readEntry, type Mistake } from './entries/entry-reader.js';
import type { Findings } from './entries/findings.js';
import { templateFilesIn } from './templates/folder-files.js';
import { readTemplateFile, type TemplateFile } from './templates/template-file.js';

/** Beside the registry. */
const FOLDER = 'templates';
/** Of all folders together. */
const MAX_FILES = 200;

/** Folders of templates that no registry names. */
export interface TemplateFolders {
  /** The operator's. */
  readonly own?: readonly string[];
  /** What comes with the product: whatever has the same name takes its place. */
  readonly shipped?: string;
}

interface Folder {
  readonly path: string;
  /** What is told when it is not there. */
  readonly missing?: () => void;
  readonly isShipped?: boolean;
}

const foldersSchema = z.preprocess(
  (given) => (typeof given === 'string' ? [given] : given),
  z.array(z.string().min(1)).max(16),
);

/** Reads the templates that stand in files of their own. */
export class TemplateFolderReader {
  /** Files and folders that were looked at. */
  readonly files: string[] = [];

  constructor(private readonly findings: Findings) {}

  /** Those of names that are not taken; the first of a name counts. `named`: files that entries of the registry name. */
  read(
    folders: readonly Folder[],
    taken: ReadonlySet<string>,
    named: readonly string[],
  ): TemplateFile[] {
    const found = folders.flatMap((folder) =>
      this.filesIn(folder).map((file) => ({ file, isShipped: folder.isShipped === true })),
    );
    const own = found.filter(({ file }) => !named.includes(file));
    const excess = own.length - MAX_FILES;
    if (excess > 0) this.tell(['templates'], tooMany(excess));
    const kept = new Map<string, TemplateFile>();
    for (const { file, isShipped } of own.slice(0, MAX_FILES)) {
      this.files.push(file);
      const template = readTemplateFile(file);
      const { name } = template;
      const first = kept.get(name)?.file;
      if (!taken.has(name) && first === undefined) kept.set(name, template);
      else if (!isShipped) this.tellTaken(template, first);
    }
    return [...kept.values()];
  }

  /** All folders: that of the registry, those that it names, and others. */
  foldersOf(
    given: unknown,
    base: string | undefined,
    { own = [], shipped }: TemplateFolders,
  ): Folder[] {
    return [
      ...(base === undefined ? [] : [{ path: join(base, FOLDER) }]),
      ...this.namedFolders(given, base ?? ''),
      ...own.map((path) => ({ path, missing: () => this.tell(['templates'], noFolder(path)) })),
      ...(shipped === undefined ? [] : [{ path: shipped, isShipped: true }]),
    ];
  }

  private namedFolders(given: unknown, base: string): Folder[] {
    if (given === undefined) return [];
    const { entry = [], mistakes } = readEntry(foldersSchema, given);
    for (const mistake of mistakes) this.tell(['templateFolders'], mistake);
    return entry.map((path, index) => ({
      path: resolve(base, path),
      missing: () => this.tell(['templateFolders', index], noFolder(resolve(base, path))),
    }));
  }

  private filesIn({ path, missing }: Folder): string[] {
    const files = templateFilesIn(path);
    // It may come later.
    this.files.push(path);
    if (files === undefined) missing?.();
    return files ?? [];
  }

  private tellTaken({ name, file, lineOf }: TemplateFile, first: string | undefined): void {
    const cause = `it is not used: ${first ?? 'the registry'} has a template of this name`;
    const next = 'Give one of them another name.';
    const mistake: Mistake = { path: [], cause, next, severity: 'warning' };
    this.findings.addIn({ file, lineOf }, ['templates', name], mistake);
  }

  private tell(at: readonly (string | number)[], mistake: Mistake): void {
    this.findings.add(at, mistake);
  }
}

function noFolder(path: string): Mistake {
  const cause = `there is no folder ${path}`;
  return { path: [], cause, next: 'Make it, or name another.', severity: 'warning' };
}

function tooMany(excess: number): Mistake {
  const cause = `${excess} files are left out: there are more than ${MAX_FILES}`;
  return { path: [], cause, next: 'Keep fewer in the folders.', severity: 'refused' };
}
