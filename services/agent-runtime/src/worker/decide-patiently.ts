import type { AgentId } from '@skynet/contracts';
import type { AgentCommandName } from '@skynet/domain-agents';
import { sleep, WorldError, type Clock, type Logger, type Origin } from '@skynet/platform';
import type { AgentExecution, AgentRequest, Agents } from '../owner/agents.js';
import type { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import { retryDelayMs } from '../pacing/retry-policy.js';

export interface DecidingRun {
  readonly agents: Agents;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
}

/** Sends one command of a run until it is known what became of it: an outcome is never dropped. */
export async function decidePatiently<Type extends AgentCommandName>(
  { agents, clock, log, metrics }: DecidingRun,
  agentId: AgentId,
  request: AgentRequest<Type>,
  origin: Origin,
): Promise<AgentExecution> {
  for (let tries = 1; ; tries += 1) {
    try {
      const startMs = clock.monotonicMs();
      const execution = await agents.execute(agentId, request, origin);
      metrics.step(clock.monotonicMs() - startMs);
      return execution;
    } catch (error) {
      if (!(error instanceof WorldError) || error.retry === 'never') throw error;
      log.warn('append not confirmed, trying again', { agentId, error });
      await sleep(clock, retryDelayMs(tries));
    }
  }
}
