import ts from 'typescript';
import type { Finding } from './finding.js';
import type { SourceFile } from './source-tree.js';

const IMPURE_NAMES =
  /^(Promise(Like)?|set(Timeout|Interval|Immediate)|queueMicrotask|performance|crypto|fetch|WebSocket|process|console|global(This)?|require)$/;
const IMPURE_MEMBERS = new Map([
  ['Date', 'now'],
  ['Math', 'random'],
]);

/** Kernel and domain neither wait nor read clock, chance or machine. */
export function findImpurity(sources: readonly SourceFile[]): Finding[] {
  return sources
    .filter(({ project, isSpec }) => project.pure && !isSpec)
    .flatMap(({ file, text, project }) =>
      impuritiesIn(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true)).map((what) => ({
        file,
        check: 'purity' as const,
        message: `uses ${what}; ${project.advice}`,
      })),
    );
}

function impuritiesIn(node: ts.Node): string[] {
  const found = isImpure(node) ? [node.getText()] : [];
  ts.forEachChild(node, (child) => {
    found.push(...impuritiesIn(child));
  });
  return found;
}

function isImpure(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node)) return true;
  if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitKeyword) {
    return true;
  }
  if (!ts.isIdentifier(node) || isOnlyAName(node)) return false;
  return IMPURE_NAMES.test(node.text) || (IMPURE_MEMBERS.has(node.text) && !isPureUse(node));
}

/** A member of an object may be called `process`; the global is meant. */
function isOnlyAName(node: ts.Identifier): boolean {
  const { parent } = node;
  return !ts.isShorthandPropertyAssignment(parent) && 'name' in parent && parent.name === node;
}

/** `new Date(timeMs)`, `Math.max` and the types are pure; `Date()`, `Date.now` and `const { random } = Math` are not. */
function isPureUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) > 0;
  if (ts.isTypeReferenceNode(parent)) return true;
  return memberOf(parent) !== undefined && memberOf(parent) !== IMPURE_MEMBERS.get(node.text);
}

function memberOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (!ts.isElementAccessExpression(node)) return undefined;
  return ts.isStringLiteral(node.argumentExpression) ? node.argumentExpression.text : undefined;
}
