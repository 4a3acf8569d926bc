import { agentIdOf, spawnAgentTool, type CommandReply, type Principal } from '@skynet/contracts';
import { derivedId, hashOf, newAgentId, type Clock } from '@skynet/platform';
import type { CommandSender } from '../commands/command-sender.js';
import { changedAgent } from './changed-agent.js';
import { edgeTool, type EdgeTool } from './edge-tool.js';

export function spawnAgent(sender: CommandSender, clock: Clock): EdgeTool {
  return edgeTool(spawnAgentTool, async (input, { principal, traceparent, record }) => {
    const { idempotencyKey, parentId, ...spawnArguments } = input;
    const agentId = agentIdOf(
      idempotencyKey === undefined ? newAgentId(clock) : keyedId(principal, idempotencyKey),
    );
    const data = {
      agentId,
      ...(parentId !== undefined && { parentId: agentIdOf(parentId) }),
      arguments: spawnArguments,
    };
    const reply = await sender.send({
      // The same key with other arguments is another command: its answer is a conflict, not the first one's.
      id: derivedId('SpawnAgent', agentId, hashOf(data)),
      type: 'SpawnAgent',
      data,
      principal,
      traceparent,
      record,
    });
    return changedAgent(idempotencyKey === undefined ? withAgentId(reply, agentId) : reply);
  });
}

function keyedId({ tenant, principal }: Principal, key: string): string {
  return derivedId('spawn', tenant, principal, key);
}

/** Without a key the same call would spawn a second agent; with the id the caller can look for the first. */
function withAgentId(reply: CommandReply, agentId: string): CommandReply {
  if (reply.ok || reply.error.code !== 'UNAVAILABLE') return reply;
  const message = `${reply.error.message}; it may still have spawned agent ${agentId}`;
  const next = `Ask get_agent_status for ${agentId}; call again, best with an idempotencyKey, if it is not found.`;
  return { ...reply, error: { ...reply.error, message, next } };
}
