type Schema = Readonly<Record<string, unknown>>;

/** How a vendor wants what may be left out. */
export interface StrictRules {
  /** `nullable`: all is required, and null stands for what is left out; `kept`: it may be left out there too. */
  readonly optional: 'nullable' | 'kept';
  /** Of all strict tools of one request; the first ones are strict. Default: no end. */
  readonly most?: StrictWeight;
}

/** What vendors count before they take a request. */
export interface StrictWeight {
  readonly tools: number;
  readonly optional: number;
  /** Properties of several types. */
  readonly unions: number;
}

export interface StrictSchema {
  readonly schema: Schema & { readonly type: 'object' };
  readonly weight: StrictWeight;
  /** Takes out each null that stands for what is left out. */
  readonly restored: (input: unknown) => unknown;
}

/** Keywords that vendors take in strict schemas, or that are rewritten. */
const KEPT = new Set(['type', 'description', 'enum', 'const', 'anyOf', 'items', '$ref']);
/** What is left of these is words. */
const IN_WORDS = new Set([
  ...['minLength', 'maxLength', 'pattern', 'format'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'default'],
]);
const DROPPED = new Set(['title', 'examples', '$comment', 'deprecated', 'readOnly', 'writeOnly']);
const HANDLED = new Set(['properties', 'required', 'additionalProperties', 'oneOf', '$defs']);
/** Keywords of which a value has one, or it may be anything. */
const TELLING = ['type', 'enum', 'const', '$ref'];
const MAX_DEPTH = 8;
const MAX_PROPERTIES = 500;
const MAX_WORDS = 500;

/** Why a schema can not be made strict. */
class NotStrict extends Error {}

/** The schema of a tool as strict modes want it; a text says why that is not possible. */
export function strictSchema(raw: Schema, { optional }: StrictRules): StrictSchema | string {
  const rewriting = new Rewriting(optional);
  try {
    requireKnown(raw);
    const { schema, restored } = rewriting.object(raw, 0);
    const defs = rewriting.definitions(raw['$defs']);
    const { optional: left, unions } = rewriting;
    return {
      schema: { ...schema, ...defs, type: 'object' },
      weight: { tools: 1, optional: left, unions },
      restored: restored ?? ((input) => input),
    };
  } catch (error) {
    if (error instanceof NotStrict) return error.message;
    throw error;
  }
}

type Restore = (input: unknown) => unknown;

interface Rewritten {
  readonly schema: Schema;
  readonly restored?: Restore;
}

class Rewriting {
  optional = 0;
  unions = 0;
  private properties = 0;

  constructor(private readonly rule: StrictRules['optional']) {}

  definitions(defs: unknown): { readonly $defs?: Schema } {
    if (defs === undefined) return {};
    if (!isSchema(defs)) throw new NotStrict('$defs is no object');
    const named = Object.entries(defs).map(([name, def]) => [name, this.branch(def, 1)] as const);
    return { $defs: Object.fromEntries(named) };
  }

  object(raw: Schema, depth: number): Rewritten {
    const { properties, additionalProperties } = raw;
    if (!isSchema(properties)) throw new NotStrict('an object in it has no properties');
    if (additionalProperties !== undefined && additionalProperties !== false) {
      throw new NotStrict('an object in it has properties of any name');
    }
    const required = new Set(Array.isArray(raw['required']) ? raw['required'] : []);
    const parts = Object.entries(properties).map(([name, value]) => {
      const part = this.value(value, depth + 1);
      return [name, required.has(name) ? part : this.left(part)] as const;
    });
    this.properties += parts.length;
    if (this.properties > MAX_PROPERTIES) throw new NotStrict('it has too many properties');
    const isKept = (name: string) => this.rule === 'kept' && !required.has(name);
    return {
      schema: {
        ...plainOf(raw),
        type: raw['type'] ?? 'object',
        properties: Object.fromEntries(parts.map(([name, { schema }]) => [name, schema])),
        required: parts.map(([name]) => name).filter((name) => !isKept(name)),
        additionalProperties: false,
      },
      ...restoredBy(new Map(parts.flatMap(([name, { restored }]) => pair(name, restored)))),
    };
  }

  private value(raw: unknown, depth: number): Rewritten {
    if (!isSchema(raw)) throw new NotStrict('a part of it is anything');
    if (depth > MAX_DEPTH) throw new NotStrict('it is too deep');
    requireKnown(raw);
    const branches = raw['anyOf'] ?? raw['oneOf'];
    if (branches !== undefined) return { schema: this.either(raw, branches, depth) };
    if (!TELLING.some((keyword) => keyword in raw)) throw new NotStrict('a part of it is anything');
    return this.typed(raw, depth);
  }

  private typed(raw: Schema, depth: number): Rewritten {
    const place = raw['$ref'];
    // What is elsewhere was rewritten, and from here nothing would be taken out again.
    if (this.rule === 'nullable' && typeof place === 'string' && !place.startsWith('#/$defs/'))
      throw new NotStrict('a part of it is another part of it');
    if ([raw['type']].flat().length > 1) this.unions += 1;
    if (isOf(raw, 'object')) return this.object(raw, depth);
    return isOf(raw, 'array') ? this.list(raw, depth) : { schema: plainOf(raw) };
  }

  private list(raw: Schema, depth: number): Rewritten {
    const { schema, restored } = this.value(raw['items'], depth + 1);
    const each = (input: unknown): unknown =>
      Array.isArray(input) && restored !== undefined
        ? input.map((item: unknown) => restored(item))
        : input;
    return { schema: { ...plainOf(raw), items: schema }, ...(restored && { restored: each }) };
  }

  private either(raw: Schema, branches: unknown, depth: number): Schema {
    if (!Array.isArray(branches) || (raw['anyOf'] === undefined) === (raw['oneOf'] === undefined)) {
      throw new NotStrict('a part of it is one of several in two ways');
    }
    this.unions += 1;
    const anyOf = branches.map((branch) => this.branch(branch, depth + 1));
    const { type: _type, items: _items, ...plain } = plainOf(raw);
    return { ...plain, anyOf };
  }

  /** Which of several it was is not told by the input: so none of them may have a null to take out. */
  private branch(raw: unknown, depth: number): Schema {
    const { schema, restored } = this.value(raw, depth);
    if (restored === undefined || this.rule === 'kept') return schema;
    throw new NotStrict('one of several parts has properties that may be left out');
  }

  private left({ schema, restored }: Rewritten): Rewritten {
    this.optional += 1;
    if (takesNull(schema)) return { schema, ...(restored && { restored }) };
    const inner: Restore = restored ?? ((input) => input);
    const given: Restore = (input) => (input === null ? undefined : inner(input));
    if (this.rule === 'kept') return { schema, restored: given };
    this.unions += 1;
    return { schema: orNull(schema), restored: given };
  }
}

function requireKnown(raw: Schema): void {
  const stranger = Object.keys(raw).find(
    (keyword) =>
      ![KEPT, IN_WORDS, DROPPED, HANDLED].some((keywords) => keywords.has(keyword)) &&
      !keyword.startsWith('x-'),
  );
  if (stranger !== undefined) throw new NotStrict(`strict modes take no ${stranger}`);
}

/** Without what strict modes refuse; bounds of values are told in words. */
function plainOf(raw: Schema): Schema {
  const kept = Object.entries(raw).filter(
    ([keyword]) => KEPT.has(keyword) && keyword !== 'anyOf' && keyword !== 'items',
  );
  const words = Object.entries(raw).filter(([keyword]) => IN_WORDS.has(keyword));
  const said = words.map(([keyword, value]) => `${keyword} ${JSON.stringify(value)}`).join(', ');
  const bounds = said === '' ? [] : [`(${said.slice(0, MAX_WORDS)})`];
  const description = [raw['description'], ...bounds].filter((text) => typeof text === 'string');
  return {
    ...Object.fromEntries(kept),
    ...(description.length > 0 && { description: description.join(' ') }),
  };
}

function restoredBy(parts: ReadonlyMap<string, Restore>): { readonly restored?: Restore } {
  if (parts.size === 0) return {};
  return {
    restored: (input) => {
      if (!isSchema(input)) return input;
      const entries = Object.entries(input).flatMap(([name, value]): [string, unknown][] => {
        const part = parts.get(name);
        const own = part === undefined ? value : part(value);
        return own === undefined ? [] : [[name, own]];
      });
      return Object.fromEntries(entries);
    },
  };
}

function orNull(schema: Schema): Schema {
  const { type, enum: values, description, ...others } = schema;
  const isPlain = type !== undefined && values === undefined && !('const' in schema);
  const told = description === undefined ? {} : { description };
  if (isPlain) return { ...others, type: [type, 'null'].flat(), ...told };
  const { description: _told, ...own } = schema;
  return { anyOf: [own, { type: 'null' }], ...told };
}

function takesNull({ type, enum: values, anyOf }: Schema): boolean {
  if (Array.isArray(values)) return values.includes(null);
  if (Array.isArray(anyOf)) return anyOf.some((branch) => isSchema(branch) && takesNull(branch));
  return [type].flat().includes('null');
}

function isOf({ type }: Schema, name: string): boolean {
  return [type].flat().includes(name);
}

function pair(name: string, restored: Restore | undefined): [string, Restore][] {
  return restored === undefined ? [] : [[name, restored]];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
