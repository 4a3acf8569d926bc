import type { SeenAgent } from '../oracle/evidence.js';
import { Refusal, type EdgeClient } from './edge-client.js';

const PAGE = 200;
const AT_ONCE = 8;

interface Looking {
  /** Where what is seen is put. */
  readonly seen: Map<string, SeenAgent | undefined>;
  /** Ends the looking. */
  readonly signal: AbortSignal;
}

/** Agents as a client sees them: in lists, by themselves, and with their answers. */
export async function lookAtAgents(
  client: EdgeClient,
  agentIds: readonly string[],
  { seen, signal }: Looking,
): Promise<void> {
  const left = [...agentIds];
  try {
    const listed = await listAll(client, signal);
    const look = async () => {
      for (let agentId = left.pop(); agentId !== undefined; agentId = left.pop()) {
        seen.set(agentId, await lookAt(client, agentId, listed, signal));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function lookAt(
  client: EdgeClient,
  agentId: string,
  listed: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<SeenAgent | undefined> {
  try {
    const status = await client.call('get_agent_status', { agentId }, signal);
    const result = await client.call('get_agent_result', { agentId }, signal);
    return {
      status: String(status['status']),
      updatedAt: String(status['updatedAt']),
      listedStatus: listed.get(agentId),
      ...(result['partial'] === undefined && { output: String(result['output']) }),
    };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

async function listAll(client: EdgeClient, signal: AbortSignal): Promise<Map<string, string>> {
  const listed = new Map<string, string>();
  let cursor: unknown;
  do {
    const page = await client.call('list_agents', { limit: PAGE, cursor }, signal);
    for (const agent of page['agents'] as { agentId: string; status: string }[]) {
      listed.set(agent.agentId, agent.status);
    }
    cursor = page['nextCursor'];
  } while (cursor !== undefined);
  return listed;
}
