import { isEnd, waitAgentTool, type StatusShape } from '@skynet/contracts';
import { listAgents, type ListedAgent } from './agent-lists.js';
import { pause } from './pause.js';
import type { SkynetClient } from './skynet-client.js';

export interface WaitOptions {
  /** Default: as long as it takes. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

const WAIT_SECONDS = 30;
const LOOK_AGAIN_MS = 250;

/** The status when the agent has ended, or when the time is up. */
export async function waitForEnd(
  client: SkynetClient,
  agentId: string,
  { timeoutSeconds = Infinity, signal, onProgress }: WaitOptions = {},
): Promise<StatusShape> {
  const untilMs = performance.now() + timeoutSeconds * 1_000;
  for (;;) {
    const leftSeconds = Math.max(0, (untilMs - performance.now()) / 1_000);
    const input = { agentId, timeoutSeconds: Math.min(WAIT_SECONDS, leftSeconds) };
    const status = await client.call(waitAgentTool, input, { signal, onProgress });
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
