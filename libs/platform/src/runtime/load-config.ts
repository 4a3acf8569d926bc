import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** Names and values as the process got them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment does not fit the schema; the message names every wrong variable and no value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(`wrong configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/**
 * Reads the variables that the schema names, once, at start. `NAME_FILE` names a file that holds the value of `NAME`;
 * a variable without a visible character counts as unset. The result is frozen.
 *
 * @throws ConfigurationError with all wrong names at once
 */
export function loadConfig<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const sources = Object.keys(schema.shape).map((name) => sourceOf(name, environment));
  const parsed = schema.safeParse(
    Object.fromEntries(sources.map(({ name, value }) => [name, value])),
  );
  const broken = sources.filter(({ problem }) => problem !== undefined);
  const unreadable = new Set<unknown>(broken.map(({ name }) => name));
  const problems = [
    ...broken.map(({ problem }) => `${problem}`),
    ...(parsed.error?.issues ?? [])
      .filter(({ path }) => !unreadable.has(path[0]))
      .map(({ path, message }) => `${path.join('.')}: ${message}`),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze(parsed.data);
}

/** The configuration as it may be printed: secrets and the credentials inside of URLs are hidden. */
export function maskedConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = JSON.stringify(config, (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/(\w:\/\/)[^/@\s]+@/g, '$1***@') : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

interface Source {
  readonly name: string;
  readonly value?: string | undefined;
  readonly problem?: string;
}

function unlessBlank(text: string | undefined): string | undefined {
  return text?.trim() === '' ? undefined : text;
}

function sourceOf(name: string, environment: Environment): Source {
  const value = unlessBlank(environment[name]);
  const file = unlessBlank(environment[`${name}_FILE`]);
  if (file === undefined) return { name, value };
  if (value !== undefined) return { name, problem: `${name}: set it or ${name}_FILE, not both` };
  try {
    return { name, value: readFileSync(file, 'utf8').trim() };
  } catch {
    return { name, problem: `${name}_FILE: cannot be read` };
  }
}
