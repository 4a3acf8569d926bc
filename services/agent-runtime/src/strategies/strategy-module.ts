import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { requestedLimitsSchema } from '@skynet/contracts';
import { systemClock, within } from '@skynet/platform';
import { z } from 'zod';
import type { Strategy, StrategyTurn } from './contract/strategy.port.js';

/** To load, and to say what comes next. A module that never gives way is not stopped by it. */
const LONGEST_MS = 5_000;
const MOST_PARTS = 50;

const line = z.string().min(1).max(1_000);
const text = z.string().max(256 * 1_024);
const titled = z.strictObject({ title: line, text });
const results = z.array(titled).max(1_000).default([]);
const missing = z.array(line).max(1_000).default([]);

const part = z.strictObject({
  key: z.string().min(1).max(64),
  title: line,
  text: text.min(1),
  about: z.array(titled).max(1_000).optional(),
  expected: text.optional(),
  template: z.string().min(1).max(64).optional(),
  model: z.string().min(1).max(128).optional(),
});

const turnSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('spawn'),
    stage: line,
    reason: line,
    parts: z.array(part).min(1).max(MOST_PARTS),
    limits: requestedLimitsSchema.default({}),
  }),
  z.strictObject({
    kind: z.literal('think'),
    ...{ stage: line, reason: line, instruction: text, results },
  }),
  z.strictObject({ kind: z.literal('answer'), instruction: text, results, missing }),
  z.strictObject({ kind: z.literal('say'), text, missing }),
  z.strictObject({ kind: z.literal('alone'), reason: line }),
]);

const parametersSchema = z.record(
  z.string().max(64),
  z.strictObject({ about: z.string().max(200).default(''), default: z.json().optional() }),
);

const moduleSchema = z.looseObject({
  about: z.string().min(1).max(200),
  parameters: parametersSchema.default({}),
});

/**
 * The strategy that the file exports by default: `{about, parameters, next(view)}`.
 *
 * @throws Error when it exports something else, or does not load in time
 */
export async function strategyOf(name: string, file: string): Promise<Strategy> {
  const loaded = (await timely(import(urlOf(file)), 'it has not loaded')) as {
    readonly default?: unknown;
  };
  const read = moduleSchema.safeParse(loaded.default);
  if (!read.success) throw new Error(`its default export is no strategy: ${problem(read.error)}`);
  const { about, parameters } = read.data;
  const { next } = read.data;
  if (typeof next !== 'function') throw new Error('its default export has no function next');
  return {
    name,
    about,
    parameters: schemaOf(parameters),
    next: async (view) => {
      const said: unknown = await timely(
        Promise.resolve((next as Strategy['next']).call(loaded.default, view)),
        'it has not said what comes next',
      );
      const turn = turnSchema.safeParse(said);
      if (turn.success) return turn.data satisfies StrategyTurn;
      throw new Error(`it said what is no turn: ${problem(turn.error)}`);
    },
  };
}

/** Another one when the file was changed: what Node has loaded once it does not load again. */
export function urlOf(file: string): string {
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return `${pathToFileURL(file).href}?${changed}`;
}

/** A parameter is of the kind of its default; without one it may be anything. */
function schemaOf(parameters: z.infer<typeof parametersSchema>): z.ZodObject {
  const fields = Object.entries(parameters).map(([name, { about, default: standard }]) => {
    const kind = kindOf(standard);
    const field = standard === undefined ? kind.optional() : kind.default(standard);
    return [name, field.describe(about)] as const;
  });
  return z.strictObject(Object.fromEntries(fields));
}

function kindOf(standard: unknown): z.ZodType {
  if (typeof standard === 'number') return z.number();
  if (typeof standard === 'boolean') return z.boolean();
  if (typeof standard === 'string') return z.string();
  return Array.isArray(standard) ? z.array(z.unknown()) : z.unknown();
}

function timely<Result>(work: Promise<Result>, what: string): Promise<Result> {
  const late = () => new Error(`${what} within ${LONGEST_MS / 1_000} s`);
  return within(systemClock, LONGEST_MS, work, late);
}

function problem(error: z.ZodError): string {
  return z.prettifyError(error).slice(0, 500);
}
