import type { CommandEnvelope } from '@skynet/contracts';
import type { Origin } from '@skynet/platform';

/** On whose behalf a command is carried out. */
export function originOf({ tenant, principal, traceparent }: CommandEnvelope): Origin {
  return { tenant, principal, traceparent };
}
