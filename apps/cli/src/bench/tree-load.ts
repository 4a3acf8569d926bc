import { randomUUID } from 'node:crypto';
import { type SkynetClient, spawnAndWait } from '@skynet/client';
import { Trouble } from '../ending/trouble.js';

/** A root with three children of three children each; every agent takes two turns. */
export const benchTree = {
  task: '{"depth":3,"fanOut":3}',
  answer: '{"leaves":9,"agents":13}',
  agents: 13,
} as const;

/**
 * Has trees built, at most `inFlight` at the same time; for each the milliseconds from the call of `spawn_agent` until
 * its answer, which holds the result.
 *
 * @throws Trouble when a tree gives another answer than it must
 */
export async function growTrees(
  client: SkynetClient,
  trees: number,
  inFlight: number,
): Promise<number[]> {
  const tookMs: number[] = [];
  let started = 0;
  const lane = async () => {
    while (started < trees) {
      started += 1;
      tookMs.push(await growTree(client));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return tookMs;
}

async function growTree(client: SkynetClient): Promise<number> {
  const startMs = performance.now();
  const { agentId, status, output } = await spawnAndWait(client, {
    task: { description: benchTree.task },
    model: { id: 'scripted:tree' },
    idempotencyKey: randomUUID(),
  });
  const tookMs = performance.now() - startMs;
  if (output === benchTree.answer) return tookMs;
  throw new Trouble(`Tree ${agentId} is ${status} and gave a wrong answer: ${output}`);
}
