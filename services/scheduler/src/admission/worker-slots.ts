import { subjects, workerHeartbeatSchema } from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';

/** A worker not heard for this long counts as gone. */
const GONE_AFTER_MS = 5_000;
/** Dispatches beyond the free slots keep workers busy between two messages; more would take the order out of our hands. */
const DISPATCHES_PER_SLOT = 1.25;

/** How many agents the workers that are heard can run. */
export class WorkerSlots {
  private readonly workers = new Map<string, { slots: number; heardMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** Listens until the returned function is called; `onChange` is called when there are more or fewer slots. */
  listen(bus: Pick<MessageBus, 'onHint'>, onChange: () => void): () => void {
    return bus.onHint(subjects.workerHeartbeat, ({ data }) => {
      const heartbeat = workerHeartbeatSchema.safeParse(data);
      if (!heartbeat.success) return;
      const { workerId, slots } = heartbeat.data;
      const before = this.workers.get(workerId)?.slots;
      this.workers.set(workerId, { slots, heardMs: this.clock.monotonicMs() });
      if (before !== slots) onChange();
    });
  }

  /** Dispatches that may be outstanding. */
  outstanding(): number {
    return Math.floor(this.all() * DISPATCHES_PER_SLOT);
  }

  all(): number {
    const oldestMs = this.clock.monotonicMs() - GONE_AFTER_MS;
    let slots = 0;
    for (const [workerId, worker] of this.workers) {
      if (worker.heardMs >= oldestMs) slots += worker.slots;
      else this.workers.delete(workerId);
    }
    return slots;
  }
}
