import type { BusMessage, WorkItem, WorkQueue } from '@skynet/platform';
import type { SimDelivery } from './durable-queue.js';
import type { SimNetwork } from './sim-network.js';
import type { SimProcess } from './sim-process.js';

/** The workers' queue as one process has it. */
export class SimWorkQueue implements WorkQueue {
  private place: { release(): void; leave(): void } | undefined;

  constructor(
    private readonly network: SimNetwork,
    private readonly process: SimProcess,
  ) {}

  start(demand: number, onItem: (item: WorkItem) => void): void {
    const onMessage = (delivery: SimDelivery<BusMessage>) => {
      const { message, ...answers } = delivery;
      const { subject, data } = message;
      onItem({ subject, data, ...answers });
    };
    const { process } = this;
    this.place = this.network.runs.join({ process, free: demand, onMessage });
  }

  release(): void {
    this.process.send(() => this.place?.release());
  }

  async stop(): Promise<void> {
    this.place?.leave();
  }
}
