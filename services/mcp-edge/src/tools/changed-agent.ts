import { agentStatusSchema, type AgentStatus, type CommandReply } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { no, yes, type ToolAnswer } from './edge-tool.js';

export interface ChangedAgent {
  agentId: string;
  rootId: string;
  status: AgentStatus;
  logPosition?: string;
}

export interface MadeAgent extends ChangedAgent {
  repeated?: true;
}

/** What a tool that makes an agent answers. An owner that had to append nothing had made it before. */
export function madeAgent(reply: CommandReply): ToolAnswer<MadeAgent> {
  const changed = changedAgent(reply);
  const isRepeat = !isRefused(changed) && changed.output.logPosition === undefined;
  return isRepeat ? yes({ ...changed.output, repeated: true }) : changed;
}

/** What a tool that changes an agent answers. */
export function changedAgent(reply: CommandReply): ToolAnswer<ChangedAgent> {
  if (!reply.ok) return no(reply.error);
  const { agentId, rootId, status, position } = reply;
  return yes({
    agentId,
    rootId,
    status: agentStatusSchema.parse(status),
    ...(position !== undefined && { logPosition: position }),
  });
}
