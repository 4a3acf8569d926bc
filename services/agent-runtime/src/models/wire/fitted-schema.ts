type Schema = Readonly<Record<string, unknown>>;

/** A schema as the Messages API takes it, and how to undo that in an input which the model wrote to it. */
export interface FittedSchema {
  readonly schema: Schema & { readonly type: 'object' };
  /** What the schema says and the API takes nowhere but in words; empty when there is nothing. */
  readonly remark: string;
  readonly restored: Restore | undefined;
}

/** Absent: nothing was renamed. */
type Restore = (input: unknown) => unknown;

const KEY = /^[a-zA-Z0-9_.-]{1,64}$/;
const COMBINATORS = ['anyOf', 'oneOf', 'allOf'] as const;
const MAX_REMARK_CHARS = 2_000;
/** Of a property's own name, as it is told. */
const MAX_NAME_CHARS = 200;
const TYPES = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);

/** Keywords whose value must have this form, or the API refuses the whole request; a value of another form is dropped. */
const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => [value].flat().every((type) => typeof type === 'string' && TYPES.has(type)),
  required: (value) => isTexts(value) && new Set(value).size === value.length,
  enum: Array.isArray,
  description: isText,
  title: isText,
  format: isText,
  pattern: isPattern,
  $ref: (value) => isText(value) && value.startsWith('#'),
  ...forms(
    isCount,
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'minProperties',
    'maxProperties',
  ),
  ...forms(isNumber, 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'),
  multipleOf: (value) => isNumber(value) && value > 0,
  uniqueItems: (value) => typeof value === 'boolean',
};
/** Keywords with one schema, a list of schemas, schemas by name. */
const WITH_SCHEMA = new Set([
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
]);
const WITH_LIST = new Set<string>([...COMBINATORS, 'prefixItems']);
const WITH_NAMED = new Set(['$defs', 'definitions', 'patternProperties', 'dependentSchemas']);
/** Of other drafts, or of no use to a model. */
const DROPPED = new Set([
  '$schema',
  '$id',
  '$anchor',
  'id',
  '$vocabulary',
  '$dynamicRef',
  '$dynamicAnchor',
]);

/** Fits the schema of a stranger's tool to what the Messages API is known to accept. */
export function fittedSchema(raw: Schema): FittedSchema {
  const { schema, restored } = fitted(raw);
  const combined = COMBINATORS.filter((name) => name in schema);
  const branches = combined.flatMap((name) => schema[name] as Schema[]);
  const properties = Object.assign(
    {},
    ...branches.map(propertiesOf),
    propertiesOf(schema),
  ) as Schema;
  const rest = Object.entries(schema).filter(([name]) => !combined.includes(name as 'anyOf'));
  const said = Object.fromEntries(combined.map((name) => [name, schema[name]]));
  return {
    schema: {
      ...Object.fromEntries(rest),
      type: 'object',
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
    },
    remark:
      combined.length === 0 ? '' : `Input: ${JSON.stringify(said).slice(0, MAX_REMARK_CHARS)}`,
    restored,
  };
}

function fitted(raw: Schema): { readonly schema: Schema; readonly restored: Restore | undefined } {
  const fitting = new Fitting();
  const entries = Object.entries(raw).flatMap(([keyword, value]): [string, unknown][] => {
    const fit = fitting.valueOf(keyword, value);
    return fit === undefined ? [] : [[keyword, fit]];
  });
  return {
    schema: fitting.withRequired(Object.fromEntries(entries)),
    restored: fitting.restored(),
  };
}

/** One schema on its way to the API; remembers what it renames. */
class Fitting {
  private readonly names = new Map<string, string>();
  private readonly parts = new Map<string, Restore>();
  private ofItems: Restore | undefined;

  /** Undefined: the keyword is dropped. */
  valueOf(keyword: string, value: unknown): unknown {
    if (DROPPED.has(keyword) || FORMS[keyword]?.(value) === false) return undefined;
    if (keyword === 'properties') return isSchema(value) ? this.properties(value) : undefined;
    if (WITH_SCHEMA.has(keyword)) return this.inner(keyword, value);
    if (WITH_LIST.has(keyword)) return listOf(value);
    if (WITH_NAMED.has(keyword)) return isSchema(value) ? fitNamed(value) : undefined;
    return value;
  }

  withRequired(schema: Schema): Schema {
    const { required } = schema;
    if (!isTexts(required)) return schema;
    return { ...schema, required: required.map((name) => this.names.get(name) ?? name) };
  }

  restored(): Restore | undefined {
    const { names, parts, ofItems } = this;
    if (names.size === 0 && parts.size === 0 && ofItems === undefined) return undefined;
    const ownNames = new Map([...names].map(([own, wire]) => [wire, own]));
    return (input) => {
      if (Array.isArray(input)) {
        const items: readonly unknown[] = input;
        return ofItems === undefined ? items : items.map((item) => ofItems(item));
      }
      if (!isSchema(input)) return input;
      const entries = Object.entries(input).map(([name, value]) => {
        const part = parts.get(name);
        return [ownNames.get(name) ?? name, part === undefined ? value : part(value)];
      });
      return Object.fromEntries(entries) as Schema;
    };
  }

  private inner(keyword: string, value: unknown): unknown {
    if (typeof value === 'boolean') return value;
    if (!isSchema(value)) return undefined;
    const { schema, restored } = fitted(value);
    if (keyword === 'items') this.ofItems = restored;
    return schema;
  }

  private properties(properties: Schema): Schema {
    const taken = new Set(Object.keys(properties).filter((name) => KEY.test(name)));
    const fits = Object.entries(properties).flatMap(([name, value], index): [string, unknown][] => {
      if (typeof value !== 'boolean' && !isSchema(value)) return [];
      const wireName = KEY.test(name) ? name : freeName(name, index, taken);
      return [[wireName, this.property(name, wireName, value)]];
    });
    return Object.fromEntries(fits);
  }

  private property(name: string, wireName: string, value: Schema | boolean): Schema | boolean {
    if (wireName !== name) this.names.set(name, wireName);
    if (typeof value === 'boolean') return value;
    const { schema, restored } = fitted(value);
    if (restored !== undefined) this.parts.set(wireName, restored);
    if (wireName === name) return schema;
    const called = `Called ${JSON.stringify(name.slice(0, MAX_NAME_CHARS).toWellFormed())}.`;
    return { ...schema, description: [called, schema['description']].filter(isText).join(' ') };
  }
}

function listOf(value: unknown): Schema[] | undefined {
  const list = Array.isArray(value)
    ? value.filter(isSchema).map((each) => fitted(each).schema)
    : [];
  return list.length === 0 ? undefined : list;
}

function freeName(name: string, index: number, taken: Set<string>): string {
  const base = name.replace(/[^a-zA-Z0-9_.-]/g, '').slice(0, 48);
  let free = base === '' ? `property_${index + 1}` : base;
  for (let count = 2; taken.has(free); count += 1) free = `${base || 'property'}_${count}`;
  taken.add(free);
  return free;
}

function fitNamed(named: Schema): Schema {
  const schemas = Object.entries(named).filter((entry): entry is [string, Schema] =>
    isSchema(entry[1]),
  );
  return Object.fromEntries(schemas.map(([name, value]) => [name, fitted(value).schema]));
}

const propertiesOf = ({ properties }: Schema): Schema => (isSchema(properties) ? properties : {});

function forms(form: (value: unknown) => boolean, ...keywords: string[]) {
  return Object.fromEntries(keywords.map((keyword) => [keyword, form]));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return isNumber(value) && Number.isInteger(value) && value >= 0;
}

/** Whether it is a regular expression; it is never run here. */
function isPattern(value: unknown): boolean {
  try {
    return isText(value) && new RegExp(value, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
