import { canonicalJson, sha256Hex } from '@skynet/platform';

/** What a server says of a tool, told apart by its hash. */
export interface Definition {
  /** SHA-256 of the canonical JSON of name, title, description, schemas and annotations as served. */
  readonly hash: string;
  /** That JSON; absent when it is too long to be kept. */
  readonly text?: string;
}

export const DEFINITION_PARTS: readonly string[] = [
  'name',
  'title',
  'description',
  'inputSchema',
  'outputSchema',
  'annotations',
];
const MAX_TEXT_CHARS = 64 * 1_024;

/** Throws for what is nested too deep for JSON: whoever calls has looked at that. */
export function definitionOf(tool: object): Definition {
  const parts = Object.entries(tool).filter(([key]) => DEFINITION_PARTS.includes(key));
  const text = canonicalJson(Object.fromEntries(parts));
  const hash = sha256Hex(text);
  return text.length > MAX_TEXT_CHARS ? { hash } : { hash, text };
}
