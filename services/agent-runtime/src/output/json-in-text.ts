export interface FoundJson {
  /** As it stands in the text. */
  readonly json: string;
  readonly value: unknown;
}

const FENCED = /```[A-Za-z]*[^\S\n]*\n([^`]*)```/g;
/** Looked at in one text, from the last one. */
const MOST_FENCED = 8;

/** JSON that a model may have meant as its answer, the likeliest first: the whole, what is fenced, from the first bracket to the last. */
export function jsonInText(text: string): FoundJson[] {
  const fenced = [...text.matchAll(FENCED)].map(([, inside = '']) => inside);
  const candidates = [text, ...fenced.slice(-MOST_FENCED).toReversed(), bracketed(text)];
  const found = candidates.map((candidate) => parsed(candidate.trim()));
  return found.filter((json) => json !== undefined);
}

function bracketed(text: string): string {
  const first = text.search(/[[{]/);
  const last = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  return first < 0 ? '' : text.slice(first, last + 1);
}

function parsed(json: string): FoundJson | undefined {
  try {
    return { json, value: JSON.parse(json) };
  } catch {
    return undefined;
  }
}
