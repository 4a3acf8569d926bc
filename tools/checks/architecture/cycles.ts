import { posix } from 'node:path';
import { fileOfDoor } from '../house.js';
import type { Finding } from './finding.js';
import { specifiersOf } from './imports.js';
import type { SourceFile } from './source-tree.js';

/** No file reaches itself through its imports, types included: what needs one another is one thing, or three. */
export function findCycles(sources: readonly SourceFile[]): Finding[] {
  const graph = new Map(sources.map((source) => [source.file, targetsOf(source)]));
  const done = new Set<string>();
  return [...graph.keys()].flatMap((file) => cyclesFrom(file, { graph, done, trail: [] }));
}

interface Walk {
  readonly graph: ReadonlyMap<string, readonly string[]>;
  readonly done: Set<string>;
  readonly trail: readonly string[];
}

function cyclesFrom(file: string, { graph, done, trail }: Walk): Finding[] {
  const start = trail.indexOf(file);
  if (start >= 0) {
    const message = `imports itself: ${[...trail.slice(start), file].join(' → ')}`;
    return [{ file, check: 'cycles', message }];
  }
  if (done.has(file)) return [];
  const found = (graph.get(file) ?? []).flatMap((target) =>
    cyclesFrom(target, { graph, done, trail: [...trail, file] }),
  );
  done.add(file);
  return found;
}

/** Files that a file imports, those of other packages through their doors. */
export function targetsOf(source: SourceFile): string[] {
  return specifiersOf(source).flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      return [posix.join(posix.dirname(source.file), specifier).replace(/\.js$/, '.ts')];
    }
    const door = fileOfDoor(specifier);
    return door === undefined ? [] : [door];
  });
}
