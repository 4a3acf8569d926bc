import type { AgentEventData, Text } from '@skynet/contracts';
import type { InputRequest } from '../agent/agent-command.js';

type Field = InputRequest['fields'][number];
type Given = AgentEventData<'ToolInputGiven'>;
type Content = NonNullable<Given['content']>;
type Value = Content[string];

/** What was answered, or why it is no answer to the request. */
export type ReadInput = Pick<Given, 'action' | 'content'> | { readonly misfit: string };

/** Who says that there is no answer declines, with `cancel` alone cancels. */
export function refusedInput(text: Text): Pick<Given, 'action'> {
  return { action: text === 'cancel' ? 'cancel' : 'decline' };
}

/** JSON of the fields; of a single field also its value as plain text. */
export function readInput({ fields }: InputRequest, text: Text): ReadInput {
  if (typeof text !== 'string') return { misfit: 'the answer is too long' };
  if (fields.length === 0) return { action: 'accept', content: {} };
  const said = objectIn(text) ?? singleIn(fields, text);
  if (said === undefined)
    return { misfit: `answer with JSON of these fields: ${namesOf(fields).join(', ')}` };
  const strange = Object.keys(said).filter((name) => !namesOf(fields).includes(name));
  if (strange.length > 0) return { misfit: `there are no fields ${strange.join(', ')}` };
  const read = fields.map((field) => ({ field, ...valueOf(field, said[field.name]) }));
  const misfits = read.flatMap(({ misfit }) => misfit ?? []);
  if (misfits.length > 0) return { misfit: misfits.join('; ') };
  const values = read.flatMap(({ field, value }) =>
    value === undefined ? [] : [[field.name, value] as const],
  );
  return { action: 'accept', content: Object.fromEntries(values) };
}

const namesOf = (fields: readonly Field[]) => fields.map(({ name }) => name);

type Said = Readonly<Record<string, unknown>>;

function objectIn(text: string): Said | undefined {
  if (text.trim() === '') return {};
  try {
    const said: unknown = JSON.parse(text);
    const isObject = typeof said === 'object' && said !== null && !Array.isArray(said);
    return isObject ? (said as Said) : undefined;
  } catch {
    return undefined;
  }
}

function singleIn(fields: readonly Field[], text: string): Said | undefined {
  const [field, ...more] = fields;
  if (field === undefined || more.length > 0) return undefined;
  if (field.kind !== 'texts') return { [field.name]: text };
  return { [field.name]: text.split(',').map((each) => each.trim()) };
}

type ReadValue = { readonly value?: Value; readonly misfit?: string };

function valueOf(field: Field, said: unknown): ReadValue {
  const { name, kind, fallback, isRequired } = field;
  if (said === undefined || said === null) {
    if (fallback !== undefined) return { value: fallback };
    return isRequired ? { misfit: `${name}: it is needed` } : {};
  }
  if (kind === 'text') return textOf(field, said);
  if (kind === 'texts') return textsOf(field, said);
  if (kind === 'boolean') return booleanOf(field, said);
  return numberOf(field, said);
}

function textOf({ name, among, least, most }: Field, said: unknown): ReadValue {
  if (typeof said !== 'string') return { misfit: `${name}: a text is needed` };
  if (among !== undefined && !among.includes(said))
    return { misfit: `${name}: one of ${among.join(', ')}` };
  const misfit = outside(said.length, { least, most });
  return misfit === undefined
    ? { value: said }
    : { misfit: `${name}: its length must be ${misfit}` };
}

function textsOf({ name, among, least, most }: Field, said: unknown): ReadValue {
  if (!Array.isArray(said) || !said.every((each) => typeof each === 'string'))
    return { misfit: `${name}: a list of texts is needed` };
  const strange = among && said.find((each) => !among.includes(each));
  if (strange !== undefined) return { misfit: `${name}: some of ${among?.join(', ')}` };
  const misfit = outside(said.length, { least, most });
  return misfit === undefined
    ? { value: said }
    : { misfit: `${name}: its count must be ${misfit}` };
}

function booleanOf({ name }: Field, said: unknown): ReadValue {
  const word = typeof said === 'string' ? said.trim().toLowerCase() : said;
  if (word === true || word === 'true' || word === 'yes') return { value: true };
  if (word === false || word === 'false' || word === 'no') return { value: false };
  return { misfit: `${name}: true or false` };
}

function numberOf({ name, kind, least, most }: Field, said: unknown): ReadValue {
  const isText = typeof said === 'string' && said.trim() !== '';
  const value = isText ? Number(said) : said;
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (!isNumber || (kind === 'integer' && !Number.isInteger(value)))
    return { misfit: `${name}: ${kind === 'integer' ? 'a whole number' : 'a number'} is needed` };
  const misfit = outside(value, { least, most });
  return misfit === undefined ? { value } : { misfit: `${name}: it must be ${misfit}` };
}

function outside(value: number, { least, most }: Pick<Field, 'least' | 'most'>) {
  if (least !== undefined && value < least) return `at least ${least}`;
  return most !== undefined && value > most ? `at most ${most}` : undefined;
}
