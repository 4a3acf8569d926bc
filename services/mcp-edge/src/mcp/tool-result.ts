import type { CallToolResult } from '@modelcontextprotocol/server';
import { retryableCodes, treeTraces, type TreeTrace } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { attachmentLinks } from './attachment-links.js';
import type { ToolAnswer } from '../tools/edge-tool.js';

/** Hosts differ in what a model sees, so the structured answer is also the text. */
export function resultOf(
  answer: ToolAnswer<object>,
  { trace, edge }: { readonly trace?: TreeTrace | undefined; readonly edge?: string } = {},
): CallToolResult {
  if (isRefused(answer)) {
    const { code, message, next, limit, retryAfterMs } = answer.refused;
    const retryable = retryableCodes.has(code);
    const told = { code, message, next, retryable, limit, retryAfterMs };
    return { content: textOf(told), isError: true };
  }
  const { output } = answer;
  const links = edge === undefined ? [] : attachmentLinks(output, edge);
  const result = { content: [...textOf(output), ...links], structuredContent: { ...output } };
  return trace === undefined ? result : { ...result, _meta: treeTraces.toMeta(trace) };
}

function textOf(value: object): CallToolResult['content'] {
  return [{ type: 'text', text: JSON.stringify(value) }];
}
