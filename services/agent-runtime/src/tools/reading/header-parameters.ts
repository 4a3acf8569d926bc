import { isRecord } from '../records.js';

/** By it a property of an input schema says that its value goes along in the header `Mcp-Param-<name>` (MCP, SEP-2243). */
const ANNOTATION = 'x-mcp-header';
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean'];
/** What stands in them is no schema. */
const VALUES = new Set([ANNOTATION, 'const', 'default', 'enum', 'examples', 'required', 'type']);
/** Names lead to schemas in them. */
const NAMED = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties']);

/** Why a tool may not be called over HTTP: its headers can't be what they have to be. Undefined when they can, or there are none. */
export function faultOfHeaders(inputSchema: unknown): string | undefined {
  return new HeaderParameters().faultOf(inputSchema, true);
}

/** A schema within another one; `isStanding`: each call has such an argument, at one place. */
interface Part {
  readonly schema: unknown;
  readonly isStanding: boolean;
}

function partsOf(schema: unknown, isStanding: boolean): Iterable<Part> {
  if (isRecord(schema)) return partsOfObject(schema, isStanding);
  const each = Array.isArray(schema) ? (schema as unknown[]) : [];
  return each.map((part) => ({ schema: part, isStanding: false }));
}

function* partsOfObject(
  schema: Readonly<Record<string, unknown>>,
  isStanding: boolean,
): Generator<Part, void, undefined> {
  for (const [keyword, value] of Object.entries(schema)) {
    if (VALUES.has(keyword)) continue;
    const isOfProperties = keyword === 'properties';
    const isNamed = (isOfProperties || NAMED.has(keyword)) && isRecord(value);
    for (const part of isNamed ? Object.values(value) : [value]) {
      yield { schema: part, isStanding: isStanding && isOfProperties };
    }
  }
}

class HeaderParameters {
  private readonly names = new Set<string>();

  faultOf(schema: unknown, isStanding: boolean, isRoot = true): string | undefined {
    const isAnnotated = isRecord(schema) && Object.hasOwn(schema, ANNOTATION);
    const own = isAnnotated ? this.faultOfOwn(schema, isStanding && !isRoot) : undefined;
    if (own !== undefined) return own;
    for (const part of partsOf(schema, isStanding)) {
      const fault = this.faultOf(part.schema, part.isStanding, false);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  private faultOfOwn(
    schema: Readonly<Record<string, unknown>>,
    isStanding: boolean,
  ): string | undefined {
    const { [ANNOTATION]: name, type } = schema;
    if (!isStanding) return `${ANNOTATION} stands where no argument has to be`;
    if (typeof name !== 'string' || !TOKEN.test(name))
      return `its ${ANNOTATION} is no name of a header`;
    if (!TYPES.includes(type))
      return `its ${ANNOTATION} is on something else than a text, a whole number or a yes or no`;
    const key = name.toLowerCase();
    if (this.names.has(key)) return `two of its arguments have the same ${ANNOTATION}`;
    this.names.add(key);
    return undefined;
  }
}
