import { posix } from 'node:path';
import ts from 'typescript';
import type { SourceFile } from '../architecture/source-tree.js';
import { fileOfDoor } from '../house.js';

/** A name that is exported and that nobody else names. */
export interface UnusedExport {
  /** From the root. */
  readonly file: string;
  readonly name: string;
}

type Source = Pick<SourceFile, 'file' | 'text' | 'isSpec'>;

/**
 * What a door of a package exports is used in another package, and a value that a file exports in another file. Types of a
 * file are left alone: a signature that is exported may need them.
 *
 * @param users All files that may import them, specs and tools included.
 */
export function findUnusedExports(
  sources: readonly Source[],
  users: readonly Source[],
): UnusedExport[] {
  const used = new Map<string, Set<string>>();
  for (const { file, text } of users) {
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext);
    const names = namesIn(tree);
    for (const target of targetsOf(file, text)) addAll(used, target, names);
  }
  return sources
    .filter(({ isSpec }) => !isSpec)
    .flatMap(({ file, text }) => {
      const names = used.get(file) ?? new Set();
      return exportsOf(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext))
        .filter((name) => !names.has(name))
        .map((name) => ({ file, name }));
    });
}

/** Files whose exports the file may name: those beside it, and the doors of other packages. */
function targetsOf(file: string, text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.flatMap(({ fileName: specifier }) => {
    if (specifier.startsWith('.'))
      return [posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')];
    const door = fileOfDoor(specifier);
    return door === undefined ? [] : [door];
  });
}

function namesIn(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isStringLiteral(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return names;
}

function addAll(used: Map<string, Set<string>>, target: string, names: ReadonlySet<string>): void {
  const known = used.get(target) ?? new Set();
  for (const name of names) known.add(name);
  used.set(target, known);
}

/** Names that a door passes on, and values that are declared here. */
function exportsOf(tree: ts.SourceFile): string[] {
  return tree.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      return exportClause !== undefined && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name }) => name.text)
        : [];
    }
    return isExported(statement) ? valuesOf(statement) : [];
  });
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function valuesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  }
  const isValue = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
  return isValue && statement.name !== undefined ? [statement.name.text] : [];
}
