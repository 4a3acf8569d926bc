import { subjects, workerHeartbeatSchema } from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';

/** A worker not heard for this long counts as gone. */
const GONE_AFTER_MS = 5_000;
/** How many agents the workers that are heard can run. */
export class WorkerSlots {
  private readonly heard = new Map<string, { slots: number; heardMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** Listens until the returned function is called; `onChange` is called when there are more or fewer slots. */
  listen(bus: Pick<MessageBus, 'onHint'>, onChange: () => void): () => void {
    return bus.onHint(subjects.workerHeartbeat, ({ data }) => {
      const heartbeat = workerHeartbeatSchema.safeParse(data);
      if (!heartbeat.success) return;
      const { workerId, slots } = heartbeat.data;
      const before = this.heard.get(workerId)?.slots;
      this.heard.set(workerId, { slots, heardMs: this.clock.monotonicMs() });
      if (before !== slots) onChange();
    });
  }

  all(): number {
    this.forgetGone();
    let slots = 0;
    for (const worker of this.heard.values()) slots += worker.slots;
    return slots;
  }

  /** Workers that have slots. */
  workers(): number {
    this.forgetGone();
    return [...this.heard.values()].filter(({ slots }) => slots > 0).length;
  }

  private forgetGone(): void {
    const oldestMs = this.clock.monotonicMs() - GONE_AFTER_MS;
    for (const [workerId, { heardMs }] of this.heard) {
      if (heardMs < oldestMs) this.heard.delete(workerId);
    }
  }
}
