import type { Tool } from '@modelcontextprotocol/server';
import type { ToolContract, ToolHints } from '@skynet/contracts';
import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

// Enforced when a call comes, but not worth a place in what every model reads at every turn. Some do harm: clients take
// `format: uuid` for version 4 alone, and converters for providers refuse whole lists over the three after it.
const UNLISTED = [
  '$schema',
  'format',
  'default',
  'additionalProperties',
  'pattern',
  'minLength',
  'maxLength',
  'maxItems',
  'exclusiveMinimum',
  'propertyNames',
] as const;
/** Hosts hand on little of what an answer looks like. */
const MOST_LISTED_OUTPUTS = 1;
const LARGEST_LISTED_BOUND = 100_000;

/** What clients see of a tool: flat JSON schemas, as short as they can be. */
export function listedTool(contract: ToolContract<z.ZodType, z.ZodType>): Tool {
  const { name, title, description, input, output, hints } = contract;
  return {
    name,
    title,
    description,
    inputSchema: inputSchemaOf(input),
    outputSchema: outputSchemaOf(output),
    annotations: annotationsOf(hints),
  };
}

function inputSchemaOf(input: z.ZodType): Tool['inputSchema'] {
  const schema = z.toJSONSchema(input, {
    io: 'input',
    reused: 'inline',
    override: ({ jsonSchema }) => shorten(jsonSchema),
  });
  shorten(schema);
  return { ...schema, type: 'object' } as Tool['inputSchema'];
}

/** As short as the protocol has it: what is not said is taken for granted, and of what only reads two hints mean nothing. */
function annotationsOf(hints: ToolHints): Tool['annotations'] {
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = hints;
  return {
    ...(readOnlyHint ? { readOnlyHint } : { destructiveHint }),
    ...(!readOnlyHint && idempotentHint && { idempotentHint }),
    ...(!openWorldHint && { openWorldHint }),
  };
}

/** Names the first field that is always there, and its type; the others can be seen in any answer. */
function outputSchemaOf(output: z.ZodType): Tool['outputSchema'] {
  const schema = z.toJSONSchema(output, { io: 'output', reused: 'inline' });
  const { properties = {} } = schema;
  const required = (schema.required ?? []).slice(0, MOST_LISTED_OUTPUTS);
  const types = required.map((name) => [name, typeOf(properties[name])] as const);
  return { type: 'object', properties: Object.fromEntries(types), required };
}

function typeOf(schema: JsonSchema | boolean | undefined): { readonly type?: unknown } {
  return typeof schema === 'object' && schema.type !== undefined ? { type: schema.type } : {};
}

function shorten(schema: JsonSchema): void {
  const { description = '' } = schema;
  const said = [description, ...boundsInWords(schema)].join(' ').trim();
  if (said !== '') schema.description = said;
  const { exclusiveMinimum } = schema;
  if (schema.type === 'integer' && typeof exclusiveMinimum === 'number') {
    schema.minimum = exclusiveMinimum + 1;
  }
  for (const keyword of UNLISTED) delete schema[keyword];
  // An object of any names: converters to strict schemas give up on one that has none of its own.
  if (schema.type === 'object') schema.properties ??= { label: { type: 'string' } };
  if (!isListed(schema.minimum)) delete schema.minimum;
  if (!isListed(schema.maximum)) delete schema.maximum;
}

/** What keywords would say that converters for providers trip over. */
function boundsInWords({ description, default: standard, maxLength, maxItems }: JsonSchema) {
  const words: string[] = [];
  if (description !== undefined && isListed(maxLength)) words.push(`≤ ${maxLength} characters`);
  if (isListed(maxItems)) words.push(`≤ ${maxItems}`);
  if (standard !== undefined) words.push(`default ${JSON.stringify(standard)}`);
  return words.length === 0 ? [] : [`(${words.join(', ')})`];
}

/** Other bounds are what a computer can count to, or far beyond what a call says. */
function isListed(bound: number | undefined): boolean {
  return bound !== undefined && Math.abs(bound) <= LARGEST_LISTED_BOUND;
}
