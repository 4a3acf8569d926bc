import { unknownKey, type Mistake } from '../entries/entry-reader.js';
import { isObject } from '../entries/placed-json.js';
import { namesServers, readTools } from './template-tools.js';

const MAX_DESCRIPTION_CHARS = 8 * 1_024;
const NAME = 'name';
/** Of the files of Claude Code, beside those of `readers`. */
const OF_CLAUDE_CODE = [
  ...['background', 'color', 'disallowedTools', 'effort', 'hooks', 'initialPrompt', 'isolation'],
  ...['maxTurns', 'mcpServers', 'memory', 'permissionMode', 'skills'],
];
/** Of models, in the files of Claude Code. */
const ALIASES = ['sonnet', 'opus', 'haiku'];
/** The model of the parent, else the default. */
const INHERITED: readonly unknown[] = [undefined, null, '', 'inherit'];

type Raw = Readonly<Record<string, unknown>>;

interface ReadKey {
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
}

/** Front matter in the form of an entry of the registry; `name` is not in it. */
export function readKeys(value: Raw): { readonly raw: Raw; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const raw: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    if (key === NAME || given === null) continue;
    const read = readers.get(key)?.(given);
    if (read !== undefined) raw[key] = read.value;
    mistakes.push(...(read?.mistakes ?? unread(key, given)));
  }
  return { raw, mistakes };
}

const asItIs = (value: unknown): ReadKey => ({ value, mistakes: [] });

const readers: ReadonlyMap<string, (given: unknown) => ReadKey> = new Map([
  ['description', readDescription],
  ['model', readModel],
  ['tools', readTools],
  ['limits', asItIs],
  ['arguments', readArguments],
  ['task', asItIs],
  ['output', asItIs],
  ['strategy', readStrategy],
  ['topics', asItIs],
  ['notes', asItIs],
  ['compactionModel', asItIs],
  ['cache', asItIs],
]);

function unread(key: string, given: unknown): Mistake[] {
  if (!OF_CLAUDE_CODE.includes(key)) return [unknownKey(key, [], [NAME, ...readers.keys()])];
  if (key === 'disallowedTools' && namesServers(given)) return [NOT_NARROWED];
  const cause = 'Claude Code reads this key, nothing here does';
  return [{ path: [key], cause, next: 'The rest works.', severity: 'warning' }];
}

function readDescription(given: unknown): ReadKey {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  if (text.length <= MAX_DESCRIPTION_CHARS) return asItIs(text);
  const cause = `only its first ${MAX_DESCRIPTION_CHARS} characters are kept`;
  const next = 'Say it in less.';
  return {
    value: text.slice(0, MAX_DESCRIPTION_CHARS).toWellFormed(),
    mistakes: [{ path: ['description'], cause, next, severity: 'warning' }],
  };
}

/** An id alone, or an object with one. */
function readModel(given: unknown): ReadKey {
  if (typeof given !== 'string' && !isObject(given)) return asItIs(given);
  const { id, ...rest } = isObject(given) ? given : { id: given };
  if (INHERITED.includes(id)) return asItIs(rest);
  if (typeof id !== 'string') return asItIs({ ...rest, id });
  if (!ALIASES.includes(id)) return asItIs({ ...rest, id: id.replace(/^claude-/, 'anthropic:$&') });
  const cause = `${id} is a name of Claude Code’s: its agents have the default model`;
  const next = 'Name a model as provider:name, or inherit or auto.';
  const mistake: Mistake = { path: ['model'], cause, next, severity: 'warning' };
  return { value: { ...rest, id: 'auto' }, mistakes: [mistake] };
}

/** A name alone, or an object with it. */
function readStrategy(given: unknown): ReadKey {
  return asItIs(typeof given === 'string' ? { name: given } : given);
}

/** YAML takes 3 and true for something else than text. */
function readArguments(given: unknown): ReadKey {
  if (!Array.isArray(given)) return asItIs(given);
  const each = given.map((argument: unknown) => {
    if (!isObject(argument)) return argument;
    const { default: standard, choices } = argument;
    return {
      ...argument,
      ...(standard !== undefined && { default: textOf(standard) }),
      ...(Array.isArray(choices) && { choices: choices.map(textOf) }),
    };
  });
  return asItIs(each);
}

function textOf(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** Left unread, it would leave its agents more than was meant. */
const NOT_NARROWED: Mistake = {
  path: ['disallowedTools'],
  cause: 'nothing here takes single tools away',
  next: 'Name in tools what its agents may use.',
  severity: 'refused',
};
