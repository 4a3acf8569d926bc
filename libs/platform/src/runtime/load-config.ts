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
 * an empty variable counts as unset. The result is frozen.
 *
 * @throws ConfigurationError with all wrong names at once
 */
export function loadConfig<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = valueOf(name, environment, problems);
    if (value !== undefined) given[name] = value;
  }
  const parsed = schema.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    problems.push(`${issue.path.join('.') || 'configuration'}: ${issue.message}`);
  }
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

function valueOf(name: string, environment: Environment, problems: string[]): string | undefined {
  const direct = environment[name] || undefined;
  const file = environment[`${name}_FILE`] || undefined;
  if (file === undefined) return direct;
  if (direct !== undefined) problems.push(`${name}: set it or ${name}_FILE, not both`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(`${name}_FILE: cannot be read`);
    return undefined;
  }
}
