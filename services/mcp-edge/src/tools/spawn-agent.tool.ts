import {
  agentIdOf,
  isEnd,
  spawnAgentTool,
  type AgentId,
  type CommandReply,
} from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { z } from 'zod';
import type { CommandSender } from '../commands/command-sender.js';
import type { ResultReader } from '../views/result-reader.js';
import { CallWait, type CallWaitDependencies } from '../views/call-wait.js';
import { madeAgent, sendMaking, type MadeAgent } from './changed-agent.js';
import { edgeTool, yes, type EdgeTool, type ToolAnswer, type ToolCall } from './edge-tool.js';
import type { NewAgentIds } from './new-agent-ids.js';

export interface SpawnDependencies extends CallWaitDependencies {
  readonly sender: CommandSender;
  readonly ids: NewAgentIds;
  readonly results: ResultReader;
}

type SpawnInput = Omit<z.output<typeof spawnAgentTool.input>, 'idempotencyKey' | 'waitSeconds'>;
type SpawnOutput = z.output<typeof spawnAgentTool.output>;

const NEXT = 'Call wait_agent with this agentId until it has ended, then get_agent_result.';

export function spawnAgent(deps: SpawnDependencies): EdgeTool {
  return edgeTool(spawnAgentTool, async (input, call) => {
    const { idempotencyKey, waitSeconds, ...asked } = input;
    const agentId = await deps.ids.idFor({ kind: 'spawn', idempotencyKey, input: asked }, call);
    const spawn = () => spawned(deps.sender, { agentId, asked }, call);
    if (waitSeconds === undefined) return spawn();
    // Before the agent is there, so that its end is heard however soon it comes.
    const wait = new CallWait(agentId, waitSeconds, call, deps);
    try {
      const made = await spawn();
      return isRefused(made) ? made : yes(await withEnd(made.output, wait, deps));
    } finally {
      wait.close();
    }
  });
}

async function spawned(
  sender: CommandSender,
  { agentId, asked }: { readonly agentId: AgentId; readonly asked: SpawnInput },
  call: ToolCall,
): Promise<ToolAnswer<MadeAgent>> {
  const { parentId, ...spawnArguments } = asked;
  const data = {
    agentId,
    ...(parentId !== undefined && { parentId: agentIdOf(parentId) }),
    arguments: spawnArguments,
  };
  // Calls for the same agent are told apart by their answers: one of them made it.
  const reply = await sendMaking(sender, { type: 'SpawnAgent', data }, call);
  return madeAgent(withAgentId(reply, agentId));
}

/** The agent is there: what goes wrong while it is waited for is no failure of the call. */
async function withEnd(
  made: MadeAgent,
  wait: CallWait,
  { results, log }: SpawnDependencies,
): Promise<SpawnOutput> {
  const { agentId, status, repeated } = made;
  wait.tell(`agent ${agentId}: ${status}`);
  try {
    const found = await wait.untilEnd(repeated === true ? 'before' : 'now');
    if (found === undefined) return { ...made, next: NEXT };
    const now = { ...made, status: found.row.status };
    return isEnd(now.status)
      ? { ...now, result: await results.read(found) }
      : { ...now, next: NEXT };
  } catch (error) {
    log.warn('a new agent was not waited for', { agentId, error });
    return { ...made, next: NEXT };
  }
}

/** Another call, or a key that a program has made for each, would spawn a second agent; the id is to look for the first. */
function withAgentId(reply: CommandReply, agentId: string): CommandReply {
  if (reply.ok || reply.error.code !== 'UNAVAILABLE') return reply;
  // It was never sent.
  if (reply.error.limit !== undefined) return reply;
  const message = `${reply.error.message}; it may still have spawned agent ${agentId}`;
  const next = `Ask get_agent_status for ${agentId}; if it is not found, call again, with the same idempotencyKey at best.`;
  return { ...reply, error: { ...reply.error, message, next } };
}
