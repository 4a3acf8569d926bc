import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { REPOSITORY } from '../stack/repository.js';

const rangeSchema = z.object({ startOffset: z.int(), endOffset: z.int(), count: z.int() });

/** What Node writes for NODE_V8_COVERAGE; the first range of a function is the function itself. */
const coverageSchema = z.object({
  result: z.array(
    z.object({
      url: z.string(),
      functions: z.array(
        z.object({
          functionName: z.string(),
          ranges: z.tuple([rangeSchema]).rest(rangeSchema),
        }),
      ),
    }),
  ),
});
type Script = z.infer<typeof coverageSchema>['result'][number];

interface Class {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** As tsc writes them; what is exported, decorated or generic there looks the same at its end. */
const CLASS = /^(?:export )?(?:let \w+ = )?class (\w+)[^]*?^\}/gm;

/** By source file: how often each function was called, by `function` or `Class.method`. */
export type CalledFunctions = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What the processes that have ended and written their coverage to this folder have called of our sources, by pid. */
export async function readCoverage(folder: string): Promise<ReadonlyMap<number, CalledFunctions>> {
  const processes = new Map<number, CalledFunctions>();
  for (const name of await readdir(folder)) {
    const pid = Number(/^coverage-(\d+)-/.exec(name)?.[1]);
    const json: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
    processes.set(pid, calledIn(coverageSchema.parse(json).result));
  }
  return processes;
}

function calledIn(scripts: readonly Script[]): CalledFunctions {
  return new Map(
    scripts.flatMap((script) => {
      const source = sourceOf(script.url);
      return source === undefined ? [] : [[source, callsOf(script)] as const];
    }),
  );
}

/** The source that the built file was made of; undefined for what is not ours. */
function sourceOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  const path = relative(REPOSITORY, fileURLToPath(url)).split(sep).join('/');
  const isBuilt = /^(?:libs|services)\/.*\/dist\/.*\.js$/.test(path);
  return isBuilt ? path.replace('/dist/', '/src/').replace(/\.js$/, '.ts') : undefined;
}

function callsOf({ url, functions }: Script): ReadonlyMap<string, number> {
  const classes = classesIn(readFileSync(fileURLToPath(url), 'utf8'));
  const calls = new Map<string, number>();
  for (const { functionName, ranges } of functions) {
    const [{ startOffset, endOffset, count }] = ranges;
    const owner = classes.find(({ start, end }) => start <= startOffset && endOffset <= end);
    const isMethod = owner !== undefined && owner.name !== functionName;
    const name = isMethod ? `${owner.name}.${functionName}` : functionName;
    calls.set(name, (calls.get(name) ?? 0) + count);
  }
  return calls;
}

function classesIn(code: string): Class[] {
  return [...code.matchAll(CLASS)].map(({ 0: text, 1: name = '', index: start }) => ({
    name,
    start,
    end: start + text.length,
  }));
}
