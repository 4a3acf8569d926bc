import { hashOf } from '@skynet/platform';
import type { ModelRequest, ModelTool } from '../model.port.js';
import { fittedSchema, type FittedSchema } from './fitted-schema.js';

const NOT_ALLOWED = /[^A-Za-z0-9_-]/g;
const LETTER = /^[A-Za-z_]/;
const HASH_CHARS = 8;

const fits = new WeakMap<ModelTool, FittedSchema>();

export interface NameRules {
  readonly maxChars: number;
  /** Or with `_`. */
  readonly startsWithLetter: boolean;
}

const ANTHROPIC_NAMES: NameRules = { maxChars: 128, startsWithLetter: false };

/** Tools as the API takes them: names of MCP may have dots and any length, schemas anything. Undone in the answer. */
export class WireTools {
  private readonly wireNames = new Map<string, string>();
  private readonly ownNames = new Map<string, string>();
  private readonly tools: ReadonlyMap<string, ModelTool>;

  constructor(
    request: Pick<ModelRequest, 'tools'>,
    private readonly rules = ANTHROPIC_NAMES,
  ) {
    this.tools = new Map(request.tools.map((tool) => [tool.name, tool]));
    for (const name of this.tools.keys()) this.wireNameOf(name);
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
    const restored = tool === undefined ? undefined : fitOf(tool).restored;
    if (restored === undefined) return json;
    try {
      return JSON.stringify(restored(JSON.parse(json)));
    } catch {
      return json;
    }
  }
}

/** The tool's schema for the wire, worked out once for each definition. */
export function fitOf(tool: ModelTool): FittedSchema {
  const known = fits.get(tool);
  if (known !== undefined) return known;
  const fit = fittedSchema(tool.inputSchema);
  fits.set(tool, fit);
  return fit;
}

/** Names without a character that the API takes, and long ones, keep a part of their hash. */
function shortened(name: string, { maxChars, startsWithLetter }: NameRules): string {
  const replaced = name.replace(NOT_ALLOWED, '_');
  const plain = startsWithLetter && !LETTER.test(replaced) ? `_${replaced}` : replaced;
  if (plain.length <= maxChars) return plain;
  return `${plain.slice(0, maxChars - HASH_CHARS - 1)}_${hashOf(name).slice(0, HASH_CHARS)}`;
}
