import type { CheckedOutput } from '@skynet/domain-agents';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { inBoundedTime } from './bounded-time.js';
import { jsonInText, type FoundJson } from './json-in-text.js';
import { TenantTime } from './tenant-time.js';

/** Longest that a schema is read, or that an answer is held against it; far more than either takes on a busy machine. */
const READ_MS = 2_000;
const CHECK_MS = 1_000;
/** What the schemas of one tenant may take in a minute. */
const TENANT_MS = 5_000;
const KEPT_SCHEMAS = 100;
const TOLD_MISTAKES = 10;
const MISTAKE_CHARS = 300;

/** Of reading schemas, and of holding answers against them. */
export const schemaTime = new TenantTime(TENANT_MS);

/** The newest, by their JSON. */
const kept = new Map<string, ValidateFunction>();
/** Says whether schemas are some; none of them is ever added to it, since it is for all tenants. */
let draft = newAjv();

/** Why it can't be used as a JSON Schema (2020-12); undefined when it can. */
export function faultOfSchema(schema: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return validator(JSON.stringify(schema)) === undefined
      ? 'it takes too long to read'
      : undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Finds the JSON in an answer and holds it against the schema, which is JSON itself. `format` is not looked at. */
export function checkOutput(schema: string, answer: string): CheckedOutput {
  try {
    const validate = validator(schema);
    if (validate === undefined) return misfit('- the schema takes too long to read');
    const candidates = [...jsonInText(answer), ...unquoted(answer.trim(), schema)];
    const checked = inBoundedTime(CHECK_MS, () => firstThatFits(candidates, validate));
    return checked ?? misfit('- it takes too long to check');
  } catch (error) {
    // A schema that goes round in circles, or one that a release before this one took.
    return misfit(`- ${messageOf(error)}`);
  }
}

function firstThatFits(
  candidates: readonly FoundJson[],
  validate: ValidateFunction,
): CheckedOutput {
  let first: CheckedOutput | undefined;
  for (const { json, value } of candidates) {
    if (validate(value)) return { kind: 'fits', output: json };
    first ??= misfit(told(validate.errors ?? []).join('\n'));
  }
  return first ?? misfit('- it is no JSON');
}

function misfit(mistakes: string): CheckedOutput {
  return { kind: 'misfits', mistakes };
}

/** Who is asked for a text may say it without quotes. */
function unquoted(text: string, schema: string): FoundJson[] {
  const { type, enum: values } = JSON.parse(schema) as Record<string, unknown>;
  const isText = type === 'string' || values !== undefined;
  return isText ? [{ json: JSON.stringify(text), value: text }] : [];
}

function newAjv() {
  return new Ajv2020({
    strict: false,
    validateSchema: false,
    allErrors: true,
    validateFormats: false,
    logger: false,
    // What is named twice would be written twice, and what that names four times.
    inlineRefs: false,
    // Each object has a constructor, and none has one of its own.
    ownProperties: true,
  });
}

/** Undefined when it takes too long. @throws Error when it is no schema */
function validator(json: string): ValidateFunction | undefined {
  const known = kept.get(json);
  if (known !== undefined) return known;
  // Other drafts than ours are read as if they were it. $async is no JSON Schema: Ajv would answer later.
  const { $schema: _, $async: _later, ...schema } = JSON.parse(json) as Record<string, unknown>;
  const validate = inBoundedTime(READ_MS, () => {
    checkDraft(schema);
    // The names that a schema gives itself and its parts are nobody else's.
    return newAjv().compile(schema);
  });
  // Nobody knows what it was doing when it was cut off.
  if (validate === undefined) draft = newAjv();
  else keep(json, validate);
  return validate;
}

/** @throws Error when it is no schema */
function checkDraft(schema: Readonly<Record<string, unknown>>): void {
  if (draft.validateSchema(schema) === true) return;
  throw new Error(`schema is invalid: ${draft.errorsText()}`);
}

function keep(json: string, validate: ValidateFunction): void {
  kept.set(json, validate);
  const [oldest = ''] = kept.keys();
  if (kept.size > KEPT_SCHEMAS) kept.delete(oldest);
}

/** What is wrong, a line each. */
function told(errors: readonly ErrorObject[]): string[] {
  const lines = errors.slice(0, TOLD_MISTAKES).map(({ instancePath, message = '', params }) => {
    const place = instancePath === '' ? 'the whole' : instancePath;
    return bounded(`- ${place} ${message}${detail(params)}`);
  });
  const more = errors.length - lines.length;
  return more > 0 ? [...lines, `- and ${more} more`] : lines;
}

/** The message alone says that it is one too many, or none of several, and not of what. */
function detail({ allowedValues, additionalProperty }: ErrorObject['params']): string {
  if (Array.isArray(allowedValues)) return `: ${JSON.stringify(allowedValues)}`;
  return typeof additionalProperty === 'string' ? `: ${additionalProperty}` : '';
}

function messageOf(error: unknown): string {
  return bounded(error instanceof Error ? error.message : String(error));
}

function bounded(text: string): string {
  return text.slice(0, MISTAKE_CHARS).toWellFormed();
}
