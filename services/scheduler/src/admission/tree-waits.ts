import { subjects, treeWaitRequestSchema, type TreeWaitAnswer } from '@skynet/contracts';
import type { Schedule, TreeCaps } from '@skynet/domain-scheduling';
import type { MessageBus } from '@skynet/platform';

const QUEUE = 'scheduler';

/** Answers what keeps a root from starting, until the returned function is called. */
export function serveTreeWaits(
  bus: Pick<MessageBus, 'serve'>,
  schedule: Pick<Schedule, 'waitOf'>,
  capsOf: (tenant: string) => TreeCaps,
): () => void {
  return bus.serve(subjects.treeWait, QUEUE, async ({ data }): Promise<TreeWaitAnswer> => {
    const { tenant, agentId } = treeWaitRequestSchema.parse(data);
    return { wait: schedule.waitOf(agentId, tenant, capsOf) };
  });
}
