import type { HealthCheck } from '@skynet/platform';
import type { TokenVerifier } from '../access/token-verifier.js';
import type { ViewQueries } from '../views/view-queries.js';

/** What the edge needs beside its connection: views that answer, and keys to verify tokens with. */
export function edgeHealthChecks(
  queries: ViewQueries,
  verifier: TokenVerifier,
): readonly HealthCheck[] {
  return [
    {
      name: 'views',
      check: async () => void (await queries.askOnce('list', { tenant: 'health', limit: 1 })),
    },
    { name: 'keys', check: () => verifier.check() },
  ];
}
