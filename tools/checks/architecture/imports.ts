import { builtinModules } from 'node:module';
import ts from 'typescript';
import { doorsOf, specs } from '../house.js';
import type { Project } from '../house-project.js';
import type { Finding } from './finding.js';
import type { SourceFile } from './source-tree.js';

/** Some, as sqlite, are listed with the prefix that they can't be imported without. */
const builtins = new Set(builtinModules.map((name) => name.replace(/^node:/, '')));

/** Every import, in whatever form, is one that the table of the house allows. */
export function findImports(sources: readonly SourceFile[]): Finding[] {
  return sources.flatMap((source) =>
    specifiersOf(source)
      .filter((specifier) => !isAllowed(source, specifier))
      .map((specifier) => ({
        file: source.file,
        check: 'imports' as const,
        message: `imports ${specifier}; ${source.project.advice}`,
      })),
  );
}

/** What a file names after `from`, in `import()` and in `require()`. */
export function specifiersOf({ text }: SourceFile): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function isAllowed(source: SourceFile, specifier: string): boolean {
  const { project, isSpec } = source;
  const name = specifier.replace(/^node:/, '');
  if (builtins.has(name)) return specifier !== name && (project.node || isSpec);
  if (specifier.startsWith('.')) return isInside(source, specifier);
  const allowed = [...allowedAnywhere(project), ...(isSpec ? allowedInSpecs(project) : [])];
  return [...allowed, ...allowedHere(source)].some((pattern) => covers(pattern, specifier));
}

function isInside({ file, project }: SourceFile, specifier: string): boolean {
  return new URL(specifier, `file:///${file}`).pathname.startsWith(`/${project.folder}/src/`);
}

function allowedAnywhere({ projects, npm }: Project): readonly string[] {
  return [...projects, ...npm];
}

function allowedInSpecs({ name, npmOnlyIn }: Project): readonly string[] {
  if (name === specs.project) return [...specs.npm, ...specs.npmOfTesting];
  return [specs.project, ...specs.npm, ...Object.keys(npmOnlyIn)];
}

function allowedHere({ file, project }: SourceFile): readonly string[] {
  const path = file.slice(`${project.folder}/src/`.length);
  return Object.entries(project.npmOnlyIn)
    .filter(([, places]) => places.some((place) => place.test(path)))
    .map(([name]) => name);
}

/** A package of ours has the doors of the table; a package of npm may have any, below its name. */
function covers(pattern: string, specifier: string): boolean {
  if (pattern.startsWith('@skynet/')) return doorsOf(pattern).includes(specifier);
  const scope = pattern.endsWith('/*') ? pattern.slice(0, -1) : `${pattern}/`;
  return `${specifier}/`.startsWith(scope);
}
