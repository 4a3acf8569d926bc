import { getAgentResultTool, rejection, RESULT_PAGE_CHARS } from '@skynet/contracts';
import type { AgentReader } from '../views/agent-reader.js';
import { asOf, childrenOf, toolsLeftOut, usageOf } from '../views/agent-shapes.js';
import type { OutputReader } from '../views/output-reader.js';
import { cursorAt, positionOf } from '../views/page-cursor.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

export function getAgentResult(reader: AgentReader, outputs: OutputReader): EdgeTool {
  return edgeTool(getAgentResultTool, async ({ agentId, cursor = cursorAt(0) }, { principal }) => {
    const from = positionOf(cursor);
    if (from === undefined) {
      return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of get_agent_result'));
    }
    const found = await reader.find(principal.tenant, agentId);
    if (found === undefined) return agentNotFound(agentId);
    const { row, asOfMs } = found;
    const { status, failure } = row;
    const [text, children] = await Promise.all([outputs.read(found), reader.childrenOf(found)]);
    const end = endOfPage(text, from);
    return yes({
      agentId,
      status,
      output: text.slice(from, end),
      ...(status !== 'completed' && { partial: true }),
      ...(failure !== undefined && { failure }),
      ...toolsLeftOut(row),
      usage: usageOf(row),
      children: childrenOf(children),
      ...(end < text.length && { nextCursor: cursorAt(end) }),
      ...asOf(asOfMs),
    });
  });
}

/** A page never ends between the two halves of a character. */
function endOfPage(text: string, from: number): number {
  const end = from + RESULT_PAGE_CHARS;
  const last = text.charCodeAt(end - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return isHighSurrogate && end < text.length ? end - 1 : end;
}
