import type { RegistryFinding } from '@skynet/contracts';
import { z } from 'zod';
import { closeName } from './close-name.js';
import type { Path } from './placed-json.js';

/** A finding whose place is within its entry. */
export interface Mistake extends Pick<RegistryFinding, 'cause' | 'next' | 'severity'> {
  readonly path: Path;
}

export interface ReadEntry<Entry> {
  /** Absent when a mistake refuses it. */
  readonly entry?: Entry;
  readonly mistakes: readonly Mistake[];
}

/** Keys that narrow who may use an entry, who shares it, what it may use, or how much: misspelt, it would be open to more. */
const NARROWING: readonly (string | undefined)[] = [
  'tenants',
  'tools',
  'isolation',
  'limits',
  'requestsPerMinute',
  'tokensPerMinute',
];

export const SEE_FORMS = 'See docs/tools.md for the forms.';

/** Reads one entry; keys that the schema does not know do not refuse it, but for those that were to narrow it. */
export function readEntry<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
): ReadEntry<z.output<Schema>> {
  const first = schema.safeParse(raw);
  if (first.success) return { entry: first.data, mistakes: [] };
  const known = structuredClone(raw);
  const unknown = first.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    return issue.keys.map((key) => {
      drop(known, issue.path, key);
      return unknownKey(key, pathOf(issue.path), keysOf(schema));
    });
  });
  const second = schema.safeParse(known);
  if (second.success) {
    const isRefused = unknown.some(({ severity }) => severity === 'refused');
    return { ...(!isRefused && { entry: second.data }), mistakes: unknown };
  }
  return { mistakes: [...unknown, ...second.error.issues.map(mistakeOf)] };
}

/** What is said of a key that nothing reads. */
export function unknownKey(key: string, within: Path, known: readonly string[]): Mistake {
  const meant = known.includes(key) ? undefined : closeName(key, known);
  return {
    path: [...within, key],
    cause: 'nothing reads this key',
    next: meant === undefined ? 'Remove it.' : `Did you mean ${meant}?`,
    severity: NARROWING.includes(meant) ? 'refused' : 'warning',
  };
}

function mistakeOf({ path, message }: z.core.$ZodIssue): Mistake {
  const isMissing = message.endsWith('received undefined');
  return {
    path: pathOf(path),
    cause: isMissing ? 'it is missing' : message.replace(/^Invalid \w+: /, ''),
    next: isMissing ? `Add it. ${SEE_FORMS}` : SEE_FORMS,
    severity: 'refused',
  };
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function drop(value: unknown, path: readonly PropertyKey[], key: string): void {
  let within = value as Record<PropertyKey, unknown>;
  for (const part of path) within = within[part] as Record<PropertyKey, unknown>;
  delete within[key];
}

/** Every key that stands anywhere in the schema. */
function keysOf(schema: z.ZodType): string[] {
  const keys = new Set<string>();
  const collect = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('properties' in part)
      Object.keys(part.properties as object).forEach((key) => keys.add(key));
    Object.values(part).forEach(collect);
  };
  collect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return [...keys];
}
