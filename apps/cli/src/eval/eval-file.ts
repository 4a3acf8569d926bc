import { readFileSync } from 'node:fs';
import { spawnArgumentsSchema, type SpawnArguments } from '@skynet/contracts';
import { z } from 'zod';
import { exitCodes, Trouble } from '../ending/trouble.js';

const MAX_BYTES = 4 * 1_024 * 1_024;
const MAX_CASES = 1_000;
const MAX_VARIANTS = 20;
const MAX_PATTERN_CHARS = 1_000;

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

const evalSchema = z.strictObject({
  cases: z
    .array(z.strictObject({ name, agent, expect: expectation }))
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
export type EvalFile = z.infer<typeof evalSchema>;
export type EvalCase = EvalFile['cases'][number];
export type Variant = EvalFile['variants'][number];

/** @throws Trouble that says what is wrong in the file */
export function readEvalFile(file: string): EvalFile {
  const parsed = evalSchema.safeParse(jsonIn(file));
  if (parsed.success) return parsed.data;
  throw trouble(file, z.prettifyError(parsed.error));
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

function jsonIn(file: string): unknown {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} characters`);
    return JSON.parse(text);
  } catch (error) {
    throw trouble(file, error instanceof Error ? error.message : String(error));
  }
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
