import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ENDING = '.md';
const NO_TEMPLATE = /^(\.|readme\.md$)/i;

/** Files of templates in a folder, by name; undefined when there is no such folder. */
export function templateFilesIn(folder: string): string[] | undefined {
  try {
    const names = readdirSync(folder).filter(isTemplate).toSorted();
    return names.map((name) => join(folder, name)).filter(isFile);
  } catch {
    return undefined;
  }
}

/** Tells a folder whose files were added or removed from what it was. */
export function contentOfFolder(folder: string): string {
  return readdirSync(folder).filter(isTemplate).toSorted().join('/');
}

function isTemplate(name: string): boolean {
  return name.endsWith(ENDING) && !NO_TEMPLATE.test(name);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
