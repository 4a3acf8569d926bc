import type { JSONRPCErrorResponse, RequestId } from '@modelcontextprotocol/client';
import { isRecord } from '../records.js';

/** JSON-RPC code of an answer that is there and can't be used; the range is left to implementations. */
export const UNUSABLE_ANSWER = -32_000;
const QUOTED_CHARS = 200;

/** The answer to a request whose own can't be used: it has been answered all the same. */
export function unusable(id: RequestId, why: string): JSONRPCErrorResponse {
  return { jsonrpc: '2.0', id, error: { code: UNUSABLE_ANSWER, message: why } };
}

/** Stands for an answer with a result that is no object, which is legal JSON and no legal result. */
export function oddResultOf(
  answer: Readonly<Record<string, unknown>>,
): JSONRPCErrorResponse | undefined {
  const { id, result } = answer;
  if (!('result' in answer) || isRecord(result) || !isRequestId(id)) return undefined;
  return unusable(id, `the result is ${quoted(JSON.stringify(result))}`);
}

export function quoted(text: string): string {
  return text.slice(0, QUOTED_CHARS).toWellFormed();
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'number' || typeof id === 'string';
}
