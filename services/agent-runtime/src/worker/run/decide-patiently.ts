import type { AgentId } from '@skynet/contracts';
import { sleep, WorldError, type Clock, type Logger } from '@skynet/platform';
import type { AgentExecution, Agents, AgentOrder } from '../../owner/agents.js';
import type { RuntimeMetrics } from '../../telemetry/runtime-metrics.js';
import { retryDelayMs } from '../../pacing/retry-policy.js';

export interface DecidingRun {
  readonly agents: Agents;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
}

/** Sends commands that go in one commit until it is known what became of them; of the last: no outcome is ever dropped. */
export async function decidePatiently(
  { agents, clock, log, metrics }: DecidingRun,
  agentId: AgentId,
  orders: readonly AgentOrder[],
): Promise<AgentExecution> {
  for (let tries = 1; ; tries += 1) {
    try {
      const startMs = clock.monotonicMs();
      const execution = await agents.executeTogether(agentId, orders);
      metrics.step(clock.monotonicMs() - startMs);
      return execution;
    } catch (error) {
      if (!(error instanceof WorldError) || error.retry === 'never') throw error;
      log.warn('append not confirmed, trying again', { agentId, error });
      await sleep(clock, retryDelayMs(tries));
    }
  }
}
