import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import {
  agentStatusSchema,
  extensionSchema,
  requestedLimitsSchema,
  spawnArgumentsSchema,
  type AgentStatus,
  type Extension,
  type RequestedLimits,
  type SpawnArguments,
} from '@skynet/contracts';

const HIGHEST_PORT = 65_535;
const LONGEST_DAYS = 36_500;

export function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('expected a number of 1 or more');
  }
  return value;
}

/** An even number of servers, or of copies, survives no more failures than the odd one below it. */
const CLUSTER_SIZES = [1, 3, 5];

/** Number of servers, or of copies on them. */
export function clusterSize(text: string): number {
  const size = Number(text);
  if (CLUSTER_SIZES.includes(size)) return size;
  throw new InvalidArgumentError(`expected one of ${CLUSTER_SIZES.join(', ')}`);
}

export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > HIGHEST_PORT) {
    throw new InvalidArgumentError(`expected a port, 1 to ${HIGHEST_PORT}`);
  }
  return port;
}

export function priority(text: string): number {
  if (!/^[0-9]$/.test(text)) throw new InvalidArgumentError('expected a digit, 0 to 9');
  return Number(text);
}

export function duration(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidArgumentError('expected seconds, 0 or more');
  }
  return seconds;
}

export function days(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= LONGEST_DAYS)) {
    throw new InvalidArgumentError(`expected days, 0 to ${LONGEST_DAYS}`);
  }
  return value;
}

/** `name=amount`, added to those named before. */
export function addLimit(text: string, before: RequestedLimits = {}): RequestedLimits {
  const [name, amount] = namedAmount(text, Object.keys(requestedLimitsSchema.shape), 0);
  return { ...before, [name]: amount };
}

/** `name=amount` of what a live agent gets more of, added to those named before. */
export function addMore(text: string, before: Extension = {}): Extension {
  const [name, amount] = namedAmount(text, Object.keys(extensionSchema.shape), 1);
  return { ...before, [name]: amount };
}

function namedAmount(text: string, known: readonly string[], least: number): [string, number] {
  const [name = '', amount = '', ...rest] = text.split('=');
  if (!known.includes(name)) {
    throw new InvalidArgumentError(`expected name=amount with one of ${known.join(', ')}`);
  }
  if (!/^\d{1,15}$/.test(amount) || rest.length > 0 || Number(amount) < least) {
    throw new InvalidArgumentError(`the amount must be a whole number, ${least} or more`);
  }
  return [name, Number(amount)];
}

/** `name=text`, added to those named before; the text may have more of `=`. */
export function addArgument(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected name=text');
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1) };
}

/**
 * `name=value`, added to those named before; a name that is there again makes a list. JSON of a list or an object is read as
 * that; what else a value is says the strategy.
 */
export function addParameter(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected name=value');
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1);
  if (!Object.hasOwn(before, name)) return { ...before, [name]: value };
  const known = before[name];
  return { ...before, [name]: [...(Array.isArray(known) ? (known as unknown[]) : [known]), value] };
}

/** Grants separated by commas, added to those named before. */
export function addGrants(text: string, before: readonly string[] = []): string[] {
  const grants = text.split(',').map((grant) => grant.trim());
  return [...before, ...grants.filter(Boolean)];
}

/** What people call an agent, as spawn_agent takes it. */
export function agentName(text: string): string {
  const { data: name } = spawnArgumentsSchema.shape.name.safeParse(text);
  if (name !== undefined) return name;
  throw new InvalidArgumentError('expected 1 to 64 characters');
}

/** A status of agents. */
export function status(text: string): AgentStatus {
  const parsed = agentStatusSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`expected one of ${agentStatusSchema.options.join(', ')}`);
}

/** JSON that begins with a brace, or the file that holds it. */
export function outputSchema(text: string): NonNullable<SpawnArguments['outputSchema']> {
  try {
    const json = text.trimStart().startsWith('{') ? text : readFileSync(text, 'utf8');
    return z.record(z.string(), z.unknown()).parse(JSON.parse(json));
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it is no object' : (error as Error).message;
    throw new InvalidArgumentError(`expected a JSON Schema, or a file that holds one: ${why}`);
  }
}
