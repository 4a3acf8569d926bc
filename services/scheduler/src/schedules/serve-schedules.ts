import { scheduleRequestSchemas, subjects } from '@skynet/contracts';
import type { MessageBus } from '@skynet/platform';
import type { AgentSchedules } from './agent-schedules.js';

const QUEUE = 'scheduler';

/** Answers requests about schedules, until the returned function is called. */
export function serveSchedules(
  bus: Pick<MessageBus, 'serve'>,
  schedules: Pick<AgentSchedules, 'create' | 'list' | 'cancel'>,
): () => void {
  const { create, list, cancel } = scheduleRequestSchemas;
  const stops = [
    bus.serve(subjects.schedules('create'), QUEUE, ({ data }) =>
      schedules.create(create.parse(data)),
    ),
    bus.serve(subjects.schedules('list'), QUEUE, async ({ data }) =>
      schedules.list(list.parse(data)),
    ),
    bus.serve(subjects.schedules('cancel'), QUEUE, ({ data }) =>
      schedules.cancel(cancel.parse(data)),
    ),
  ];
  return () => stops.forEach((stop) => stop());
}
