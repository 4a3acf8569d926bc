import { posix } from 'node:path';
import ts from 'typescript';
import { emptyNames, roles, sizes } from '../house.js';
import type { Finding } from './finding.js';
import type { SourceFile } from './source-tree.js';

const FILE_NAME = new RegExp(
  `^[a-z0-9]+(-[a-z0-9]+)*(\\.(${roles.map((role) => role.replace('.', '\\.')).join('|')}))?\\.ts$`,
);
const EMPTY_NAME = new RegExp(`(^|/)(${emptyNames.join('|')})(\\.|/)`);

/** Files are small, named for what they are, and few enough in a folder to be seen at once. */
export function findLayout(sources: readonly SourceFile[]): Finding[] {
  return [...sources.flatMap(layoutOfFile), ...layoutOfFolders(sources)];
}

function layoutOfFile(source: SourceFile): Finding[] {
  const { file, isSpec, project, text } = source;
  const path = file.slice(`${project.folder}/src/`.length);
  const limit = isSpec || file.endsWith('.suite.ts') ? sizes.specLines : sizes.fileLines;
  const lines = codeLines(text);
  const messages = [
    lines > limit && `has ${lines} code lines, ${limit} is the end: split it by what it does`,
    !FILE_NAME.test(posix.basename(file)) && `is not named kebab-case[.role].ts`,
    EMPTY_NAME.test(path) && 'has a name that says nothing: name the one thing that is inside',
    path.split('/').length - 1 > sizes.foldersBelowSrc &&
      `is more than ${sizes.foldersBelowSrc} folders below src: a project that deep is two`,
  ];
  return messages
    .filter(Boolean)
    .map((message) => ({ file, check: 'layout', message: `${message}` }));
}

function layoutOfFolders(sources: readonly SourceFile[]): Finding[] {
  const counts = new Map<string, number>();
  for (const { file, isSpec } of sources) {
    const folder = posix.dirname(file);
    // A spec stands beside what it tests, so it does not count.
    if (!isSpec) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].flatMap(([file, count]) =>
    count > sizes.filesInFolder
      ? [{ file, check: 'layout' as const, message: `holds ${count} files: group them by subject` }]
      : [],
  );
}

/** Lines that hold a token; a comment is none. */
function codeLines(text: string): number {
  const file = ts.createSourceFile('counted.ts', text, ts.ScriptTarget.ESNext);
  const lines = new Set<number>();
  const visit = (node: ts.Node) => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(file);
    if (children.length > 0) {
      children.forEach(visit);
      return;
    }
    const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
    if (node.getWidth(file) > 0) for (let line = first; line <= last; line += 1) lines.add(line);
  };
  visit(file);
  return lines.size;
}
