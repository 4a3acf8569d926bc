import type { LongLine } from './line-splitter.js';

const ID = String.raw`"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)`;
const VERSION = String.raw`"jsonrpc"\s*:\s*"2\.0"`;
// Servers write it before the result or after it; anywhere else it could be part of the result.
const AT_START = new RegExp(String.raw`^\s*\{\s*(?:${VERSION}\s*,\s*)?${ID}\s*,`);
const AT_END = new RegExp(
  String.raw`,\s*(?:${VERSION}\s*,\s*)?${ID}\s*(?:,\s*${VERSION}\s*)?\}\s*$`,
);

/** The JSON-RPC id of an answer that is too long to be parsed; undefined where it can't be told. */
export function answerIdOf({ head, tail }: LongLine): string | number | undefined {
  const [, id] =
    AT_START.exec(head.toString('latin1')) ?? AT_END.exec(tail.toString('latin1')) ?? [];
  if (id === undefined) return undefined;
  try {
    return JSON.parse(id) as string | number;
  } catch {
    return undefined;
  }
}
