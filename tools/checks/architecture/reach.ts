import { targetsOf } from './cycles.js';
import type { Finding } from './finding.js';
import { isProduction } from './folders.js';
import type { SourceFile } from './source-tree.js';
import { trailTo } from './trails.js';

/** What must do without some folders reaches them by no detour either. */
export function findReach(sources: readonly SourceFile[]): Finding[] {
  const production = sources.filter(isProduction);
  const graph = new Map(production.map((each) => [each.file, targetsOf(each)]));
  return production.flatMap((source) => {
    const apart = foldersApart(source);
    const trail = trailTo(graph, source.file, (file) => apart.some((top) => file.startsWith(top)));
    if (trail === undefined) return [];
    const message = `must do without what it reaches: ${trail.join(' → ')}`;
    return [{ file: source.file, check: 'folders' as const, message }];
  });
}

function foldersApart({ file, project }: SourceFile): string[] {
  const below = (folder: string) => `${project.folder}/src/${folder}/`;
  return Object.entries(project.apart ?? {})
    .filter(([folder]) => file.startsWith(below(folder)))
    .flatMap(([, others]) => others.map(below));
}
