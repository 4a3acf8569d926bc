import { MemoryStateStores, noMetrics, silentLogger, type Clock } from '@skynet/platform';
import { ProviderTurns, type ProviderTurnsOptions } from '../pacing/providers/provider-turns.js';
import { ProviderMetrics } from '../telemetry/provider-metrics.js';
import { aRegistry } from './registries.js';

/** Turns of one process at the providers; nothing is limited unless the options say so. */
export function providerTurns(
  clock: Clock,
  options: Partial<ProviderTurnsOptions> = {},
): ProviderTurns {
  return new ProviderTurns({
    registry: aRegistry(),
    states: new MemoryStateStores(clock),
    holder: 'worker-1',
    clock,
    log: silentLogger,
    metrics: new ProviderMetrics(noMetrics),
    isFresh: () => true,
    onRateLimit: () => undefined,
    ...options,
  });
}
