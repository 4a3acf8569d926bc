import type { HealthCheck, Logger } from '@skynet/platform';
import { toldDefault, type Registry } from './registry.config.js';

/** One line in the log for each finding, loud for what is left out. */
export function reportFindings({ findings }: Registry, log: Pick<Logger, 'warn' | 'error'>): void {
  for (const finding of findings) {
    if (finding.severity === 'refused') log.error('registry: left out', { ...finding });
    else log.warn('registry: odd', { ...finding });
  }
}

/** One line about the model of agents for which nobody names one; none when there is no such model. */
export function reportDefault(registry: Registry, log: Pick<Logger, 'info'>): void {
  if (registry.refused['defaultModel'] !== undefined) return;
  const { id, why } = toldDefault(registry);
  log.info('the default model', { model: id, why });
}

/** Never fails for it: agents that need nothing of what is left out can run. */
export function registryHealthCheck(source: { readonly current: Registry }): HealthCheck {
  return {
    name: 'registry',
    check: () => Promise.resolve(),
    notice: () => {
      const { length } = source.current.findings.filter(({ severity }) => severity === 'refused');
      return length === 0 ? undefined : `${length} refused in the registry; the log says which`;
    },
  };
}
