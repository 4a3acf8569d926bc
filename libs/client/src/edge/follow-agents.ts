import { isEnd, spawnAgentTool, waitAgentTool, type StatusShape } from '@skynet/contracts';
import type { z } from 'zod';
import { listAgents, readResult, type AgentResult, type ListedAgent } from './agent-lists.js';
import { pause } from './pause.js';
import type { CallOptions, SkynetClient } from './skynet-client.js';

export interface WaitOptions extends Pick<CallOptions, 'onText' | 'textOf'> {
  /** Default: as long as it takes. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
  /** As of a call. */
  readonly patienceMs?: number;
}

const WAIT_SECONDS = 30;
/** Others may have come before, many at once. */
const BURST_PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 250;

type KeyedSpawn = z.input<typeof spawnAgentTool.input> & { readonly idempotencyKey: string };

/** Spawns an agent and waits for its end, in one call when that comes soon. The first message of progress names the agent. */
export async function spawnAndWait(
  client: SkynetClient,
  input: KeyedSpawn,
  tracing: Omit<CallOptions, 'mayRepeat' | 'patienceMs'> = {},
): Promise<AgentResult> {
  const { onTrace, traceContext, ...heard } = tracing;
  const options = { ...heard, patienceMs: BURST_PATIENCE_MS };
  const spawning = { ...input, waitSeconds: WAIT_SECONDS };
  const spawned = await client.call(spawnAgentTool, spawning, {
    ...{ ...options, onTrace, traceContext },
    mayRepeat: true,
  });
  const { agentId, result } = spawned;
  if (result !== undefined && result.nextCursor === undefined) return result;
  if (result === undefined) await waitForEnd(client, agentId, options);
  return readResult(client, agentId, options);
}

/** The status when the agent has ended, or when the time is up. */
export async function waitForEnd(
  client: SkynetClient,
  agentId: string,
  { timeoutSeconds = Infinity, ...options }: WaitOptions = {},
): Promise<StatusShape> {
  const untilMs = performance.now() + timeoutSeconds * 1_000;
  for (;;) {
    const leftSeconds = Math.max(0, (untilMs - performance.now()) / 1_000);
    const input = { agentId, timeoutSeconds: Math.min(WAIT_SECONDS, leftSeconds) };
    const status = await client.call(waitAgentTool, input, options);
    if (isEnd(status.status) || performance.now() >= untilMs) return status;
  }
}

/** The agents of a tree, again and again, until its root has ended and nothing below it still runs. */
export async function* followTree(
  client: SkynetClient,
  rootId: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly ListedAgent[]> {
  for (;;) {
    const agents = await listAgents(client, { rootId }, signal);
    yield agents;
    if (agents.length > 0 && agents.every(({ status }) => isEnd(status))) return;
    await pause(LOOK_AGAIN_MS, signal);
  }
}
