import { spawnCheckRequestSchema, subjects, type TenantQuotas } from '@skynet/contracts';
import { refusalOfLimits } from '@skynet/domain-scheduling';
import { isRefused } from '@skynet/kernel';
import type { MessageBus } from '@skynet/platform';
import type { SpecResolver } from '../spec/spec-resolver.js';

const QUEUE = 'agent-runtime';

/** Answers whether arguments would spawn a root, for those who want it later, until the returned function is called. */
export function serveSpawnChecks(
  bus: Pick<MessageBus, 'serve'>,
  specs: Pick<SpecResolver, 'resolve'>,
  tenants: { quotasOf(tenant: string): TenantQuotas },
): () => void {
  return bus.serve(subjects.spawnCheck, QUEUE, async ({ data }) => {
    const request = spawnCheckRequestSchema.parse(data);
    const spec = await specs.resolve(request);
    if (isRefused(spec)) return spec;
    const { ceilings } = tenants.quotasOf(request.tenant);
    return { refused: refusalOfLimits(spec.limits, ceilings) };
  });
}
