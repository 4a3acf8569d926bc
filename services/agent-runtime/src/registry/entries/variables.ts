import type { Environment } from '@skynet/platform';
import type { Secrets } from '../../secrets/secrets.js';
import type { Mistake } from './entry-reader.js';
import type { Path } from './placed-json.js';

/** Fields of a server entry in which `${VAR}` stands for a variable. */
export const WITH_VARIABLES = ['args', 'env', 'headers', 'oauth', 'url'] as const;
/** Those in which `secret://name` stands for a secret: the others show in lists of processes and in logs of servers. */
const WITH_SECRETS: readonly unknown[] = ['env', 'headers', 'oauth', 'apiKey'];

/** Where values come from. */
export interface ValueSources {
  readonly environment: Environment;
  readonly secrets: Secrets;
}

const REFERENCE = /\$\{([^}]*)\}?|secret:\/\/([A-Za-z0-9._-]*)/g;
/** `env:` is how some editors write it. */
const VARIABLE = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

type Missing = Pick<Mistake, 'cause' | 'next'>;

/**
 * Puts values in place of `${VAR}`, `${VAR:-default}` and `secret://name`. What names none, or one that is not set and has
 * no default, is a mistake.
 */
export function withVariables(
  value: unknown,
  sources: ValueSources,
): { readonly value: unknown; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const expand = (part: unknown, path: Path): unknown => {
    if (typeof part === 'string') {
      return part.replace(REFERENCE, (reference: string, inner?: string, secret?: string) => {
        const found =
          secret === undefined
            ? lookUp(reference, inner ?? '', sources.environment)
            : secretFor(path, secret, sources.secrets);
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

function secretFor([field]: Path, name: string, secrets: Secrets): string | Missing {
  if (WITH_SECRETS.includes(field)) return secrets.find(name);
  const next = 'Put it in env, headers, oauth or apiKey.';
  return { cause: `a secret can not stand in ${String(field)}, which others see`, next };
}

function lookUp(reference: string, inner: string, environment: Environment): string | Missing {
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
