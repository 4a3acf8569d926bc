import type { SpawnedAgent } from '@skynet/domain-agents';
import { FairTurns } from './fair-turns.js';

/** Tool calls of an answer that are understood and recorded without keeping others waiting. */
const FEW_CALLS = 10;

/** Turns to work through answers of models: one with many tool calls at a time, by tenant. */
export class AnswerTurns {
  private readonly large = new FairTurns(1);

  run<Result>(
    agent: SpawnedAgent,
    toolCalls: readonly unknown[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    if (toolCalls.length <= FEW_CALLS) return work();
    return this.large.run(agent.spawned.tenant, work);
  }
}
