/** Secrets of one text. */
export interface SecretsText {
  readonly values: ReadonlyMap<string, string>;
  /** What is neither: names of JSON, or lines. */
  readonly unreadable: readonly string[];
}

const LINE = /^(?:export\s+)?([A-Za-z0-9_][A-Za-z0-9._-]*)\s*=(.*)$/;
const QUOTED = /^(["'])(.*)\1$/;

/**
 * Reads a JSON object of texts, or lines `NAME=VALUE` with `#` before comments.
 *
 * @throws Error that quotes nothing of the text
 */
export function readSecretsText(text: string): SecretsText {
  const plain = text.replace(/^\uFEFF/, '');
  return plain.trimStart().startsWith('{') ? ofJson(plain) : ofLines(plain);
}

function ofJson(text: string): SecretsText {
  const values = new Map<string, string>();
  const unreadable: string[] = [];
  for (const [name, value] of Object.entries(parsed(text))) {
    if (typeof value === 'string') values.set(name, value);
    else if (typeof value === 'number') values.set(name, String(value));
    else unreadable.push(name);
  }
  return { values, unreadable };
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Error('the file begins like JSON and is none');
  }
}

function ofLines(text: string): SecretsText {
  const values = new Map<string, string>();
  const unreadable: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value = ''] = LINE.exec(line) ?? [];
    if (name === undefined) unreadable.push(`line ${index + 1}`);
    else values.set(name, unquoted(value.trim()));
  }
  return { values, unreadable };
}

function unquoted(value: string): string {
  return QUOTED.exec(value)?.[2] ?? value;
}
