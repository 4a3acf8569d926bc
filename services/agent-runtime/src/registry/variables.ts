import type { Environment } from '@skynet/platform';
import type { Mistake } from './entry-reader.js';
import type { Path } from './placed-json.js';

/** Fields of a server entry in which `${VAR}` stands for a variable. */
export const WITH_VARIABLES = ['args', 'env', 'headers', 'url'] as const;

const REFERENCE = /\$\{([^}]*)\}?/g;
/** `env:` is how some editors write it. */
const VARIABLE = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts the values of variables in place of `${VAR}` and `${VAR:-default}`. What names none, or one that is not set and has
 * no default, is a mistake.
 */
export function withVariables(
  value: unknown,
  environment: Environment,
): { readonly value: unknown; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const expand = (part: unknown, path: Path): unknown => {
    if (typeof part === 'string') {
      return part.replace(REFERENCE, (reference: string, inner: string) => {
        const found = lookUp(reference, inner, environment);
        if (typeof found === 'string') return found;
        mistakes.push({ ...found, path, severity: 'refused' });
        return '';
      });
    }
    if (Array.isArray(part)) return part.map((each, index) => expand(each, [...path, index]));
    if (typeof part !== 'object' || part === null) return part;
    const entries = Object.entries(part).map(([key, each]) => [key, expand(each, [...path, key])]);
    return Object.fromEntries(entries) as unknown;
  };
  return { value: expand(value, []), mistakes };
}

function lookUp(
  reference: string,
  inner: string,
  environment: Environment,
): string | Pick<Mistake, 'cause' | 'next'> {
  const [, name, fallback] = VARIABLE.exec(inner) ?? [];
  if (name === undefined || !reference.endsWith('}')) {
    const next = `Write \${NAME} or \${NAME:-default}, with the name of an environment variable.`;
    return { cause: `there is a \${…} that names no variable`, next };
  }
  const value = environment[name] ?? fallback;
  if (value !== undefined) return value;
  return {
    cause: `the variable ${name} is not set`,
    next: `Set it in the environment of agent-runtime, or write \${${name}:-default}.`,
  };
}
