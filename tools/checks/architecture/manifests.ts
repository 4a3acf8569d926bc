import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { house, specs } from '../house.js';
import type { Finding } from './finding.js';
import { specifiersOf } from './imports.js';
import type { SourceFile } from './source-tree.js';

/** What the checks read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The package.json of every folder of the workspace, by folder; the root's is at `.`. */
export function readManifests(root: string): Map<string, Manifest> {
  const read = (folder: string): [string, Manifest] => [
    folder,
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest,
  ];
  const [, top] = read('.');
  const folders = globSync(
    (top.workspaces ?? []).map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  ).map(dirname);
  return new Map(['.', ...folders.sort()].map(read));
}

/** What a project imports stands in its package.json, and what it may not import does not. */
export function findManifests(
  sources: readonly SourceFile[],
  manifests: ReadonlyMap<string, Manifest>,
): Finding[] {
  const undeclared = sources.flatMap((source) => {
    const declared = declaredFor(source, manifests);
    return specifiersOf(source)
      .filter((specifier) => /^[^.]/.test(specifier) && !specifier.startsWith('node:'))
      .filter((specifier) => !declared.some((name) => `${specifier}/`.startsWith(`${name}/`)))
      .map((specifier) =>
        finding(source.file, `imports ${specifier}, which its package.json does not name`),
      );
  });
  return [...undeclared, ...[...manifests].flatMap(findingsOfManifest)];
}

function declaredFor(
  { project, isSpec }: SourceFile,
  manifests: ReadonlyMap<string, Manifest>,
): string[] {
  const own = manifests.get(project.folder);
  const tools = [manifests.get('.')?.devDependencies, own?.devDependencies];
  const ofTesting = [...tools, manifests.get('libs/platform')?.dependencies];
  const ofSpecs = [...tools, { [specs.project]: '' }];
  const all = [
    own?.dependencies,
    ...(isSpec ? ofSpecs : []),
    ...(project.isTrial === true ? [own?.devDependencies] : []),
    ...(project.name === specs.project ? ofTesting : []),
  ];
  return all.flatMap((each) => Object.keys(each ?? {}));
}

function findingsOfManifest([folder, manifest]: [string, Manifest]): Finding[] {
  if (folder === '.') return [];
  const file = `${folder}/package.json`;
  const project = house.find((each) => each.folder === folder);
  if (project === undefined) return [finding(file, 'is not in the table of tools/checks/house.ts')];
  return Object.keys(manifest.dependencies ?? {})
    .filter((name) => name.startsWith('@skynet/') && !project.projects.includes(name))
    .map((name) => finding(file, `depends on ${name}; ${project.advice}`));
}

function finding(file: string, message: string): Finding {
  return { file, check: 'manifests', message };
}
