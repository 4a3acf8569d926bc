import { randomUUID } from 'node:crypto';
import { agentStatusSchema, type AgentStatus, type CommandReply } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { AgentCommand } from '../commands/agent-command.js';
import type { CommandSender } from '../commands/command-sender.js';
import { no, yes, type ToolAnswer, type ToolCall } from './edge-tool.js';

export interface ChangedAgent {
  agentId: string;
  rootId: string;
  status: AgentStatus;
  logPosition?: string;
}

export interface MadeAgent extends ChangedAgent {
  repeated?: true;
}

/** Sends what is to make an agent of its own context: that of the call's client. */
export async function sendMaking(
  sender: CommandSender,
  command: Pick<AgentCommand, 'type' | 'data'>,
  { principal, traceparent, record, context }: ToolCall,
): Promise<CommandReply> {
  const made = { id: randomUUID(), ...command, principal, traceparent, record };
  const reply = await sender.send({ ...made, context: context.read() });
  context.tell(reply.ok ? reply.contextLeftOut : []);
  return reply;
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
