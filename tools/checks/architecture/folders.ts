import { posix } from 'node:path';
import type { Finding } from './finding.js';
import { specifiersOf } from './imports.js';
import type { SourceFile } from './source-tree.js';
import { trailTo } from './trails.js';

/** An import of one folder by a file of another of the same project; both from the root. */
interface Arrow {
  readonly file: string;
  readonly target: string;
  readonly from: string;
  readonly to: string;
  /** Whether it leads to `src` itself. */
  readonly isUp: boolean;
}

/**
 * Arrows between the folders of one `src` go one way, types included; a folder within a folder is one of its own. Files
 * of `src` itself put the rest together: they may import all folders, and no folder may import them.
 */
export function findKnots(sources: readonly SourceFile[]): Finding[] {
  const arrows = sources.filter(isProduction).flatMap(arrowsOf);
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of arrows) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  return arrows.flatMap(({ file, target, from, to, isUp }) => {
    const trail = trailTo(graph, to, (folder) => folder === from);
    if (!isUp && trail === undefined) return [];
    const reason = isUp ? 'which puts the folders together' : trail?.join(' → ');
    return [{ file, check: 'folders' as const, message: `imports ${target}: ${reason}` }];
  });
}

/** Specs and what only they use may look at everything. */
export function isProduction({ file, project, isSpec }: SourceFile): boolean {
  return !isSpec && !file.startsWith(`${project.folder}/src/testing/`);
}

function arrowsOf(source: SourceFile): Arrow[] {
  const { file, project } = source;
  const from = posix.dirname(file);
  const top = `${project.folder}/src`;
  return specifiersOf(source)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(from, specifier))
    .map((target) => ({ file, target, from, to: posix.dirname(target) }))
    .filter(({ to }) => to !== from && to.startsWith(top))
    .map((arrow) => ({ ...arrow, isUp: arrow.to === top }));
}
