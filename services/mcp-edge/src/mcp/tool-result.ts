import type { CallToolResult } from '@modelcontextprotocol/server';
import { retryableCodes } from '@skynet/contracts';
import type { ToolAnswer } from '../tools/edge-tool.js';

/** Hosts differ in what a model sees, so the structured answer is also the text. */
export function resultOf(answer: ToolAnswer<object>): CallToolResult {
  if (answer.ok) {
    const { output } = answer;
    return { content: textOf(output), structuredContent: { ...output } };
  }
  const { code, message, next, limit, retryAfterMs } = answer.rejection;
  const retryable = retryableCodes.has(code);
  const told = { code, message, next, retryable, limit, retryAfterMs };
  return { content: textOf(told), isError: true };
}

function textOf(value: object): CallToolResult['content'] {
  return [{ type: 'text', text: JSON.stringify(value) }];
}
