import { waitAgentTool } from '@skynet/contracts';
import type { AgentReader } from '../views/agent-reader.js';
import { statusOf } from '../views/agent-shapes.js';
import { CallWait, type CallWaitDependencies } from '../views/call-wait.js';
import { agentNotFound, edgeTool, yes, type EdgeTool } from './edge-tool.js';

export function waitAgent(reader: AgentReader, deps: CallWaitDependencies): EdgeTool {
  return edgeTool(waitAgentTool, async ({ agentId, timeoutSeconds }, call) => {
    const wait = new CallWait(agentId, timeoutSeconds, call, deps);
    try {
      const found = await wait.untilEnd();
      if (found === undefined) return agentNotFound(agentId);
      return yes(statusOf(found, await reader.childrenOf(found), deps.clock.nowMs()));
    } finally {
      wait.close();
    }
  });
}
