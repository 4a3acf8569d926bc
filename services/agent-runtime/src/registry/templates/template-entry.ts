import {
  asMeant,
  outputSchemaSchema,
  requestedLimitsSchema,
  strategySchema,
  toolGrantSchema,
  topicSchema,
} from '@skynet/contracts';
import { z } from 'zod';
import type { Mistake } from '../entries/entry-reader.js';
import { faultOfSchema } from '../../output/output-schemas.js';
import { shippedStrategies } from '../../strategies/shipped/table.js';

/** Of one value, in a template or in a spawn. */
export const MAX_VALUE_BYTES = 8 * 1_024;
const MAX_ARGUMENTS = 32;
const MAX_CHOICES = 64;
const MAX_TASK_CHARS = 64 * 1_024;

const value = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= MAX_VALUE_BYTES, 'it is too long');

/** What a spawn says in place of `{{name}}`. */
const argumentSchema = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'it is no name of an argument'),
    description: z.string().max(1_024).optional(),
    required: z.boolean().optional(),
    /** What it is when the spawn does not say it. Default: nothing. */
    default: value.optional(),
    choices: z.array(value.min(1)).min(1).max(MAX_CHOICES).optional(),
  })
  .refine(({ default: standard, choices }) => isOneOf(choices, standard), {
    path: ['default'],
    message: 'it is none of the choices',
  });
export type TemplateArgument = z.infer<typeof argumentSchema>;

const argumentsSchema = z
  .array(argumentSchema)
  .max(MAX_ARGUMENTS)
  .refine(
    (each) => new Set(each.map(({ name }) => name)).size === each.length,
    'a name is there twice',
  );

/** A JSON Schema that the answers of its agents must fit. */
const output = outputSchemaSchema.superRefine((schema, context) => {
  const fault = faultOfSchema(schema);
  if (fault !== undefined)
    context.addIssue({ code: 'custom', message: `it is no JSON Schema: ${fault}` });
});

/** How its agents split their task; a module of the registry looks at its parameters itself. */
const strategy = strategySchema.superRefine(({ name, parameters = {} }, context) => {
  const wanted = shippedStrategies.get(name)?.parameters;
  const read = wanted?.safeParse(asMeant(wanted, parameters));
  for (const { message, path } of read?.error?.issues ?? [])
    context.addIssue({ code: 'custom', message, path: ['parameters', ...path] });
});

export const templateSchema = z.strictObject({
  instructions: z.string().min(1),
  description: z.string().optional(),
  model: z
    .strictObject({
      id: z.string().optional(),
      temperature: z.number().min(0).max(2).optional(),
      maxTokens: z.int().positive().optional(),
    })
    .default({}),
  tools: z.array(toolGrantSchema).default([]),
  limits: requestedLimitsSchema.default({}),
  arguments: argumentsSchema.optional(),
  /** Stands before what the spawn says of the task. */
  task: z.string().min(1).max(MAX_TASK_CHARS).optional(),
  output: output.optional(),
  strategy: strategy.optional(),
  /** Of its tree; what is sent to one its agents are told. */
  topics: z.array(topicSchema).max(16).optional(),
  /** Its agents keep notes for those that come after them. */
  notes: z.boolean().optional(),
  /** Answers of the model stand for the same request of the tenant, so long. */
  cache: z.strictObject({ answers: z.boolean(), seconds: z.int().min(1).max(86_400) }).optional(),
  /** Writes summaries of long conversations. Default: that of the model, else of the registry, else the agent's own. */
  compactionModel: z.string().min(1).max(128).optional(),
});

export interface TemplateEntry extends Omit<z.infer<typeof templateSchema>, 'tools'> {
  /** Absent: those of the parent. */
  readonly tools?: readonly string[];
}

export const TEMPLATE_NAME = /^[A-Za-z0-9_-]{1,64}$/;

export const WRONG_NAME: Omit<Mistake, 'path'> = {
  cause: 'the name can not be used: it has something else than letters, digits, - and _',
  next: 'Give the template another name.',
  severity: 'refused',
};

/** Whether a spawn has to say it. */
export function isRequired({ required, default: standard }: TemplateArgument): boolean {
  return required === true && standard === undefined;
}

/** Where there is a choice. */
export function isOneOf(choices: readonly string[] | undefined, text: string | undefined): boolean {
  return choices === undefined || text === undefined || choices.includes(text);
}
