import type { Clock, WorkItem } from '@skynet/platform';

const EXTEND_MS = 1_000;
/** An item of a run that is in other hands comes back so much later each time. */
const PUT_BACK_STEP_MS = 500;
const PUT_BACK_MAX_MS = 5_000;

/** An item of the queue until it is answered: kept from coming back while its run is being prepared. */
export class HeldItem {
  private cancelExtend: (() => void) | undefined;
  private isHeld = true;

  constructor(
    private readonly item: WorkItem,
    private readonly clock: Clock,
  ) {
    this.extendLater();
  }

  /** For a reason that stands in the log: its run has started, or will never. Does nothing once answered. */
  ack(): void {
    this.answer(() => this.item.ack());
  }

  /** To be looked at again later, by this worker or another. Does nothing once answered. */
  putBack(delayMs = this.patienceMs): void {
    this.answer(() => this.item.nak(delayMs));
  }

  private get patienceMs(): number {
    return Math.min(PUT_BACK_MAX_MS, this.item.deliveryCount * PUT_BACK_STEP_MS);
  }

  private answer(send: () => void): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.cancelExtend?.();
    send();
  }

  private extendLater(): void {
    this.cancelExtend = this.clock.timer(EXTEND_MS, () => {
      // Without an answer the item comes back, and the log says what there is to do.
      void this.item.extend().catch(() => undefined);
      this.extendLater();
    });
  }
}
