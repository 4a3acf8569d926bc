/** What a page of an answer has room for, as JSON: with all around it, it must fit into one message of 1 MiB. */
export const PAGE_MAX_BYTES = 600 * 1_024;

/** The same of a text: a character takes 6 bytes at most. */
export const PAGE_MAX_CHARS = PAGE_MAX_BYTES / 6;

/** What a value takes of it. */
export function bytesOnPage(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
