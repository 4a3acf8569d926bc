import { posix } from 'node:path';
import ts from 'typescript';
import { doorsOf, fileOfDoor } from '../house.js';
import type { Project } from '../house-project.js';
import type { Finding } from './finding.js';
import type { SourceFile } from './source-tree.js';
import { trailTo } from './trails.js';

/** Who goes through a door loads no vendor's package that does not belong to it, however long the way. */
export function findDoors(sources: readonly SourceFile[]): Finding[] {
  const projects = new Set(sources.map(({ project }) => project));
  return [...projects].flatMap((project) => {
    if (project.loadedBy === undefined) return [];
    const own = sources.filter((source) => source.project === project && !source.isSpec);
    const graph = new Map(own.map((source) => [source.file, loadsOf(source)]));
    return doorsOf(project.name).flatMap((door) => findingOf(project, door, graph));
  });
}

function findingOf(
  project: Project,
  door: string,
  graph: ReadonlyMap<string, readonly string[]>,
): Finding[] {
  const file = fileOfDoor(door) ?? '';
  const name = door.slice(project.name.length + 1);
  const foreign = Object.entries(project.loadedBy ?? {})
    .filter(([, doors]) => !doors.includes(name))
    .map(([pattern]) => pattern);
  const trail = trailTo(graph, file, (node) => foreign.some((pattern) => covers(pattern, node)));
  if (trail === undefined) return [];
  return [{ file, check: 'doors', message: `loads what is not behind it: ${trail.join(' → ')}` }];
}

/** What is loaded with a file: types are gone by then, and what `import()` names comes later. */
function loadsOf({ file, text }: SourceFile): string[] {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext).statements.flatMap((statement) => {
    const specifier = specifierOf(statement);
    if (specifier?.startsWith('.') !== true) return specifier ?? [];
    return [posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')];
  });
}

function specifierOf(statement: ts.Statement): string | undefined {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
  const isType = ts.isImportDeclaration(statement)
    ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    : statement.isTypeOnly;
  const { moduleSpecifier } = statement;
  if (isType || moduleSpecifier === undefined) return undefined;
  return ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined;
}

function covers(pattern: string, specifier: string): boolean {
  const scope = pattern.endsWith('/*') ? pattern.slice(0, -1) : `${pattern}/`;
  return `${specifier}/`.startsWith(scope);
}
