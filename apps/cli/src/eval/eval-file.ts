import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  agentStatusSchema,
  isEnd,
  spawnArgumentsSchema,
  type SpawnArguments,
} from '@skynet/contracts';
import { z } from 'zod';
import { exitCodes, Trouble } from '../ending/trouble.js';

const MAX_BYTES = 4 * 1_024 * 1_024;
const MAX_CASES = 1_000;
const MAX_VARIANTS = 20;
const MAX_PATTERN_CHARS = 1_000;
const MAX_PATH_CHARS = 4_096;

/** Variant of the runs that are decided again. */
export const RECORDED = 'recorded';

const name = z.string().trim().min(1).max(64);

/** A task may be its description alone. */
const agent = z.preprocess(
  (given) =>
    typeof given === 'object' && given !== null && 'task' in given && typeof given.task === 'string'
      ? { ...given, task: { description: given.task } }
      : given,
  spawnArgumentsSchema.omit({ name: true, metadata: true }),
);

const expectation = z
  .strictObject({
    /** How the agent ends. Default: completed. */
    status: agentStatusSchema.refine(isEnd, 'is no end of an agent').optional(),
    /** A text is the whole answer; anything else is what its JSON says. */
    equals: z.unknown().optional(),
    contains: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
    /** A regular expression. */
    matches: z
      .string()
      .min(1)
      .max(MAX_PATTERN_CHARS)
      .refine(isPattern, 'is no regular expression')
      .optional(),
    /** What another agent is to judge the answer by. */
    judge: z.string().trim().min(1).max(8_192).optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'expects nothing');
export type Expectation = z.infer<typeof expectation>;

const variantSchema = z.strictObject({
  name,
  model: spawnArgumentsSchema.shape.model.or(
    z
      .string()
      .min(1)
      .transform((id) => ({ id })),
  ),
  template: spawnArgumentsSchema.shape.template,
  arguments: spawnArgumentsSchema.shape.arguments,
});

const path = z.string().min(1).max(MAX_PATH_CHARS);

/** A tree in a file, to be decided again. Paths begin where the file of the evaluation is. */
const recordedSchema = z.strictObject({
  archive: path,
  /** Where scripted models of its own are. */
  registry: path.optional(),
});

const caseSchema = z
  .strictObject({
    name,
    agent: agent.optional(),
    recorded: recordedSchema.optional(),
    expect: expectation,
  })
  .refine((given) => given.agent ?? given.recorded, 'has neither agent nor recorded');
type WrittenCase = z.infer<typeof caseSchema>;

const evalSchema = z.strictObject({
  cases: z
    .array(caseSchema)
    .min(1)
    .max(MAX_CASES)
    .refine(areUnlike, 'two cases have the same name'),
  variants: z
    .array(variantSchema)
    .min(1)
    .max(MAX_VARIANTS)
    .refine(areUnlike, 'two variants have the same name')
    .default([{ name: 'default' }]),
  /** Who judges. Default: what `model` of the spawn would be. */
  judge: z.strictObject({ model: z.string().min(1).optional() }).default({}),
  /** Of all runs together, judges included. */
  budget: z
    .strictObject({
      tokens: z.int().positive().optional(),
      costMicroUsd: z.int().nonnegative().optional(),
    })
    .default({}),
  repeat: z.int().positive().max(1_000).default(1),
  parallel: z.int().positive().max(100).default(4),
});
type Written = z.infer<typeof evalSchema>;

/** A case that an agent is spawned for. */
export type EvalCase = WrittenCase & Required<Pick<WrittenCase, 'agent'>>;
export type RecordedCase = WrittenCase & Required<Pick<WrittenCase, 'recorded'>>;
export type Variant = Written['variants'][number];

export interface EvalFile extends Omit<Written, 'cases'> {
  readonly cases: readonly EvalCase[];
  readonly recorded: readonly RecordedCase[];
}

/**
 * With `isLive` an agent is spawned for recorded cases too, where it is known how.
 *
 * @throws Trouble that says what is wrong in the file
 */
export function readEvalFile(file: string, { isLive = false } = {}): EvalFile {
  const written = parsedEval(file, textOf(file));
  const cases = written.cases.filter((each) => isSpawned(each) && (isLive || !isRecorded(each)));
  const recorded = written.cases.filter((each) => isRecorded(each) && !cases.includes(each));
  return {
    ...written,
    cases: cases.filter(isSpawned),
    recorded: recorded.filter(isRecorded).map((each) => withPaths(each, dirname(file))),
  };
}

/** @throws Trouble that says what is wrong in the text of the file */
export function parsedEval(file: string, text: string): Written {
  if (text.length > MAX_BYTES) {
    throw trouble(file, `it has more than ${MAX_BYTES} characters`);
  }
  const parsed = evalSchema.safeParse(jsonIn(file, text));
  if (!parsed.success) throw trouble(file, z.prettifyError(parsed.error));
  const { cases, variants } = parsed.data;
  if (!cases.some(isRecorded) || !variants.some((each) => each.name === RECORDED)) {
    return parsed.data;
  }
  throw trouble(file, `a variant can not be called ${RECORDED}: that is for recorded cases`);
}

/** What is spawned for a case of a variant: the variant's word counts. */
export function spawnOf({ agent: asked }: EvalCase, variant: Variant): SpawnArguments {
  const { model, template, arguments: given } = variant;
  return {
    ...asked,
    ...(model !== undefined && { model }),
    ...(template !== undefined && { template }),
    ...(given !== undefined && { arguments: { ...asked.arguments, ...given } }),
  };
}

function isSpawned(each: WrittenCase): each is EvalCase {
  return each.agent !== undefined;
}

function isRecorded(each: WrittenCase): each is RecordedCase {
  return each.recorded !== undefined;
}

function withPaths(of: RecordedCase, folder: string): RecordedCase {
  const { archive, registry } = of.recorded;
  return {
    ...of,
    recorded: {
      archive: resolve(folder, archive),
      ...(registry !== undefined && { registry: resolve(folder, registry) }),
    },
  };
}

/** @throws Trouble when it can not be read */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw trouble(file, wordsOf(error));
  }
}

function jsonIn(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw trouble(file, wordsOf(error));
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function trouble(file: string, why: string): Trouble {
  const next = 'docs/evaluation.md shows one that works.';
  return new Trouble(`${file} can not be used: ${why}`, { next, exitCode: exitCodes.usage });
}

function areUnlike(each: readonly { readonly name: string }[]): boolean {
  return new Set(each.map((one) => one.name)).size === each.length;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').source !== '';
  } catch {
    return false;
  }
}
