import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A stream of a released version with what it folded to then. */
export interface History {
  readonly name: string;
  readonly events: readonly {
    readonly type: string;
    readonly version: number;
    readonly timeMs: number;
    readonly data: unknown;
  }[];
  readonly state: unknown;
  readonly row: unknown;
}

/** All histories of a folder whose names begin with the prefix. Histories are only ever added. */
export function loadHistories(folder: URL, prefix: string): History[] {
  return readdirSync(fileURLToPath(folder))
    .filter((file) => file.startsWith(prefix) && file.endsWith('.json'))
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return { ...(JSON.parse(text) as Omit<History, 'name'>), name: file };
    });
}
