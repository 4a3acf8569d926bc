import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { specs } from '../house.js';
import type { Project } from '../house-project.js';

/** A TypeScript file of the product. */
export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly file: string;
  readonly text: string;
  readonly project: Project;
  readonly isSpec: boolean;
}

/** All files below the `src` of every project that exists. */
export function readSources(root: string, house: readonly Project[]): SourceFile[] {
  return house.flatMap((project) => {
    const folder = `${project.folder}/src`;
    if (!existsSync(join(root, folder))) return [];
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => sourceFile(project, name, readFileSync(join(root, folder, name), 'utf8')));
  });
}

/** @param name Path below the project's `src`. */
export function sourceFile(project: Project, name: string, text: string): SourceFile {
  const file = `${project.folder}/src/${name}`;
  return { file, text, project, isSpec: specs.file.test(file) };
}
