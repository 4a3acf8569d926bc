import { rejection, type ErrorCode, type SpawnArguments } from '@skynet/contracts';
import type { Refused } from '@skynet/kernel';
import { filledIn } from '../registry/templates/placeholders.js';
import {
  isOneOf,
  isRequired,
  MAX_VALUE_BYTES,
  type TemplateArgument,
  type TemplateEntry,
} from '../registry/templates/template-entry.js';

const MAX_SUM_BYTES = 64 * 1_024;
/** A value may stand in many places. */
const MAX_FILLED_BYTES = 1_024 * 1_024;
const MAX_FAULTS = 10;
const MAX_KNOWN_CHARS = 2_000;

type Given = Readonly<NonNullable<SpawnArguments['arguments']>>;
type Filled = Pick<TemplateEntry, 'instructions' | 'task'>;

/** The texts of a template with the arguments of a spawn in their places, or what is wrong with these. */
export function fillTemplate(
  name: string,
  template: TemplateEntry,
  given: Given = {},
): Filled | Refused<ErrorCode> {
  const { arguments: declared = [], instructions, task } = template;
  const faults = faultsOf(given, declared);
  if (faults.length > 0) return no(name, declared, faults);
  const values = new Map(declared.map((each) => [each.name, valueOf(each, given)]));
  const filled = {
    instructions: filledIn(instructions, values),
    ...(task !== undefined && { task: filledIn(task, values) }),
  };
  const bytes = Buffer.byteLength(filled.instructions) + Buffer.byteLength(filled.task ?? '');
  if (bytes <= MAX_FILLED_BYTES || values.size === 0) return filled;
  return no(name, declared, [`with them the template has more than ${MAX_FILLED_BYTES} bytes`]);
}

/** Arguments without a template. */
export function strayArguments(given: Given = {}): Refused<ErrorCode> | undefined {
  if (Object.keys(given).length === 0) return undefined;
  const message = 'arguments are those of a template, and no template is named';
  return { refused: rejection('INVALID_ARGUMENTS', message) };
}

function faultsOf(given: Given, declared: readonly TemplateArgument[]): string[] {
  const unknown = Object.keys(given).filter((name) => declared.every((each) => each.name !== name));
  const bytes = Object.values(given).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return [
    ...unknown.map((name) => `${name} is not known`),
    ...declared.flatMap((each) => faultOf(each, givenFor(each, given)) ?? []),
    ...(bytes > MAX_SUM_BYTES ? [`together they have more than ${MAX_SUM_BYTES} bytes`] : []),
  ];
}

function faultOf(argument: TemplateArgument, value: string | undefined): string | undefined {
  const { name, choices } = argument;
  if (value === undefined) return isRequired(argument) ? `${name} is missing` : undefined;
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) {
    return `${name} has more than ${MAX_VALUE_BYTES} bytes`;
  }
  return isOneOf(choices, value) ? undefined : `${name} is none of its choices`;
}

/** Frameworks fill what is left out with an empty text. */
function givenFor({ name }: TemplateArgument, given: Given): string | undefined {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  return value === '' ? undefined : value;
}

/** Half a character would end the agent at the first provider that reads strictly. */
function valueOf(argument: TemplateArgument, given: Given): string {
  return (givenFor(argument, given) ?? argument.default ?? '').toWellFormed();
}

function no(
  name: string,
  declared: readonly TemplateArgument[],
  faults: readonly string[],
): Refused<ErrorCode> {
  const known = declared.map(described).join(', ').slice(0, MAX_KNOWN_CHARS).toWellFormed();
  const takes = known === '' ? 'takes no arguments' : `takes ${known}`;
  const said = faults.slice(0, MAX_FAULTS).join('; ');
  const message = `arguments: ${said}. The template ${name} ${takes}.`;
  return { refused: rejection('INVALID_ARGUMENTS', message) };
}

/** `level (required, one of low, high)` */
function described(argument: TemplateArgument): string {
  const { name, choices } = argument;
  const notes = [
    ...(isRequired(argument) ? ['required'] : []),
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
  ];
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`;
}
