import {
  getAgentResultTool,
  rejection,
  RESULT_PAGE_CHARS,
  type AgentRow,
  type Text,
} from '@skynet/contracts';
import { readText, type PayloadStore } from '@skynet/platform';
import type { AgentReader } from '../views/agent-reader.js';
import { childrenOf, usageOf } from '../views/agent-shapes.js';
import { cursorAt, positionOf } from '../views/page-cursor.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

export function getAgentResult(reader: AgentReader, payloads: PayloadStore): EdgeTool {
  return edgeTool(getAgentResultTool, async ({ agentId, cursor = cursorAt(0) }, { principal }) => {
    const from = positionOf(cursor);
    if (from === undefined) {
      return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of get_agent_result'));
    }
    const row = await reader.find(principal.tenant, agentId);
    if (row === undefined) return agentNotFound(agentId);
    const { status, failure } = row;
    const [text, children] = await Promise.all([
      readText(payloads, principal.tenant, textSoFar(row)),
      reader.childrenOf(row),
    ]);
    const end = endOfPage(text, from);
    return yes({
      agentId,
      status,
      output: text.slice(from, end),
      ...(status !== 'completed' && { partial: true }),
      ...(failure !== undefined && { failure }),
      usage: usageOf(row),
      children: childrenOf(children),
      ...(end < text.length && { nextCursor: cursorAt(end) }),
    });
  });
}

function textSoFar({ output, partial, progress }: AgentRow): Text {
  return output ?? partial ?? progress?.message ?? '';
}

/** A page never ends between the two halves of a character. */
function endOfPage(text: string, from: number): number {
  const end = from + RESULT_PAGE_CHARS;
  const last = text.charCodeAt(end - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return isHighSurrogate && end < text.length ? end - 1 : end;
}
