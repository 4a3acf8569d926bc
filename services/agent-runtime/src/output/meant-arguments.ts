import { jsonrepair } from 'jsonrepair';
import { inBoundedTime } from './bounded-time.js';
import { objectInJson, parsedJson } from './parsed-json.js';

const REPAIR_MS = 1_000;
const MOST_REPAIRED_CHARS = 16_384;

type Input = Readonly<Record<string, unknown>>;

/** What a model means by the arguments of a call. */
export interface MeantArguments {
  readonly input: Input;
  /** Present when what the model wrote is not it. */
  readonly repaired?: string;
}

/**
 * A JSON object; nothing is none. Small models fence it, put words around it, write it as text, or leave out quotes and
 * brackets: up to 16,384 characters of that are repaired. What seems to be cut off is not, for its end would be invented.
 */
export function meantArguments(text: string): MeantArguments | undefined {
  const input = objectInJson(text === '' ? '{}' : text);
  if (input !== undefined) return { input };
  if (text.length > MOST_REPAIRED_CHARS) return undefined;
  for (const json of [inside(text), mended(text)]) {
    const found = json === undefined ? undefined : objectInJson(json);
    if (json !== undefined && found !== undefined) return { input: found, repaired: json };
  }
  return undefined;
}

function inside(text: string): string | undefined {
  const written = parsedJson(text);
  const said = typeof written === 'string' ? written : text;
  const end = said.lastIndexOf('}') + 1;
  return end === 0 ? undefined : said.slice(said.indexOf('{'), end);
}

/** Whether it ends where an object ends tells little of what is inside, and much of what is cut off. */
function mended(text: string): string | undefined {
  const begin = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (begin < 0 || end < begin || /[\w"']/.test(text.slice(end + 1).replace(/```\s*$/, ''))) {
    return undefined;
  }
  try {
    return inBoundedTime(REPAIR_MS, () => jsonrepair(text.slice(begin, end + 1)));
  } catch {
    return undefined;
  }
}
