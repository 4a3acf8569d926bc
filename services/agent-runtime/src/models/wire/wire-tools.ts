import { hashOf } from '@skynet/platform';
import type { ModelRequest, ModelTool } from '../model.port.js';
import { fittedSchema, type FittedSchema } from './fitted-schema.js';
import { strictSchema, type StrictRules, type StrictSchema } from './strict-schema.js';

const NOT_ALLOWED = /[^A-Za-z0-9_-]/g;
const LETTER = /^[A-Za-z_]/;
const HASH_CHARS = 8;

const fits = new WeakMap<ModelTool, FittedSchema>();
const strictFits = {
  nullable: new WeakMap<ModelTool, StrictSchema | string>(),
  kept: new WeakMap<ModelTool, StrictSchema | string>(),
};

/** A tool's schema for the wire. */
interface WireFit extends FittedSchema {
  /** The vendor holds the model to it. */
  readonly isStrict: boolean;
}

export interface WireRules {
  readonly maxChars: number;
  /** Or with `_`. */
  readonly startsWithLetter: boolean;
  /** Of the schemas of tools, where the model's entry asks for strict ones. Default: all required, with null. */
  readonly strict?: StrictRules;
}

const PLAIN_NAMES: WireRules = { maxChars: 128, startsWithLetter: false };
const NULLABLE: StrictRules = { optional: 'nullable' };

/** Tools as the API takes them: names of MCP may have dots and any length, schemas anything. Undone in the answer. */
export class WireTools {
  private readonly wireNames = new Map<string, string>();
  private readonly ownNames = new Map<string, string>();
  private readonly tools: ReadonlyMap<string, ModelTool>;
  private readonly strict: ReadonlyMap<ModelTool, StrictSchema>;

  constructor(
    { tools, toolFormat }: Pick<ModelRequest, 'tools' | 'toolFormat'>,
    private readonly rules = PLAIN_NAMES,
  ) {
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.strict = toolFormat === 'strict' ? strictOf(tools, rules.strict ?? NULLABLE) : new Map();
    for (const name of this.tools.keys()) this.wireNameOf(name);
  }

  fitOf(tool: ModelTool): WireFit {
    const fit = plainFitOf(tool);
    const strict = this.strict.get(tool);
    if (strict === undefined) return { ...fit, isStrict: false };
    const { schema } = strict;
    const restored = (input: unknown) => {
      const given = strict.restored(input);
      return fit.restored === undefined ? given : fit.restored(given);
    };
    return { ...fit, schema, restored, isStrict: true };
  }

  wireNameOf(name: string): string {
    const known = this.wireNames.get(name);
    if (known !== undefined) return known;
    const base = shortened(name, this.rules);
    let wireName = base;
    for (let count = 2; this.ownNames.has(wireName); count += 1) {
      const end = `_${count}`;
      wireName = `${base.slice(0, this.rules.maxChars - end.length)}${end}`;
    }
    this.wireNames.set(name, wireName);
    this.ownNames.set(wireName, name);
    return wireName;
  }

  ownNameOf(wireName: string): string {
    return this.ownNames.get(wireName) ?? wireName;
  }

  /** The input of a call as the tool takes it; JSON text, untouched where it is none. */
  ownInputOf(wireName: string, json: string): string {
    const tool = this.tools.get(this.ownNameOf(wireName));
    const restored = tool === undefined ? undefined : this.fitOf(tool).restored;
    if (restored === undefined) return json;
    try {
      return JSON.stringify(restored(JSON.parse(json)));
    } catch {
      return json;
    }
  }
}

/** Those that can be strict, as long as there is room. */
function strictOf(
  tools: readonly ModelTool[],
  { most, ...rules }: StrictRules,
): ReadonlyMap<ModelTool, StrictSchema> {
  const strict = new Map<ModelTool, StrictSchema>();
  const room = { tools: Infinity, optional: Infinity, unions: Infinity, ...most };
  for (const tool of tools) {
    const fit = strictFitOf(tool, rules);
    if (typeof fit === 'string') continue;
    const { weight } = fit;
    const keys = ['tools', 'optional', 'unions'] as const;
    if (keys.some((key) => weight[key] > room[key])) continue;
    for (const key of keys) room[key] -= weight[key];
    strict.set(tool, fit);
  }
  return strict;
}

/** A text says why it can't be strict. */
export function strictFitOf(tool: ModelTool, rules: StrictRules = NULLABLE): StrictSchema | string {
  const known = strictFits[rules.optional].get(tool);
  if (known !== undefined) return known;
  const { schema, remark } = plainFitOf(tool);
  const { properties } = tool.inputSchema;
  // An empty list of them is left out of what fits.
  const isEmpty = typeof properties === 'object' && !('properties' in schema);
  const whole = isEmpty ? { ...schema, properties: {} } : schema;
  const fit = remark === '' ? strictSchema(whole, rules) : 'it is one of several';
  strictFits[rules.optional].set(tool, fit);
  return fit;
}

/** The tool's schema as any vendor takes it, worked out once for each definition. */
function plainFitOf(tool: ModelTool): FittedSchema {
  const known = fits.get(tool);
  if (known !== undefined) return known;
  const fit = fittedSchema(tool.inputSchema);
  fits.set(tool, fit);
  return fit;
}

/** Names without a character that the API takes, and long ones, keep a part of their hash. */
function shortened(name: string, { maxChars, startsWithLetter }: WireRules): string {
  const replaced = name.replace(NOT_ALLOWED, '_');
  const plain = startsWithLetter && !LETTER.test(replaced) ? `_${replaced}` : replaced;
  if (plain.length <= maxChars) return plain;
  return `${plain.slice(0, maxChars - HASH_CHARS - 1)}_${hashOf(name).slice(0, HASH_CHARS)}`;
}
