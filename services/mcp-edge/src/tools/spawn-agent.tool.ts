import { randomUUID } from 'node:crypto';
import { agentIdOf, spawnAgentTool, type CommandReply } from '@skynet/contracts';
import type { CommandSender } from '../commands/command-sender.js';
import { madeAgent } from './changed-agent.js';
import { edgeTool, type EdgeTool } from './edge-tool.js';
import type { NewAgentIds } from './new-agent-ids.js';

export function spawnAgent(sender: CommandSender, ids: NewAgentIds): EdgeTool {
  return edgeTool(spawnAgentTool, async (input, call) => {
    const { idempotencyKey, ...asked } = input;
    const { parentId, ...spawnArguments } = asked;
    const agentId = await ids.idFor({ kind: 'spawn', idempotencyKey, input: asked }, call);
    const data = {
      agentId,
      ...(parentId !== undefined && { parentId: agentIdOf(parentId) }),
      arguments: spawnArguments,
    };
    const { principal, traceparent, record } = call;
    // Calls for the same agent are told apart by their answers: one of them made it.
    const command = { id: randomUUID(), type: 'SpawnAgent', data } as const;
    const reply = await sender.send({ ...command, principal, traceparent, record });
    return madeAgent(withAgentId(reply, agentId));
  });
}

/** Another call, or a key that a program has made for each, would spawn a second agent; the id is to look for the first. */
function withAgentId(reply: CommandReply, agentId: string): CommandReply {
  if (reply.ok || reply.error.code !== 'UNAVAILABLE') return reply;
  const message = `${reply.error.message}; it may still have spawned agent ${agentId}`;
  const next = `Ask get_agent_status for ${agentId}; if it is not found, call again, with the same idempotencyKey at best.`;
  return { ...reply, error: { ...reply.error, message, next } };
}
