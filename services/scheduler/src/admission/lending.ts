import {
  APPEND_GRACE_MS,
  slotsFreeSchema,
  slotsWantedSchema,
  subjects,
  type SlotsFree,
  type SlotsLent,
  type SlotsWanted,
} from '@skynet/contracts';
import type { Capacity, Schedule } from '@skynet/domain-scheduling';
import type { Clock, MessageBus } from '@skynet/platform';

/** A worker that does not fill a lent slot in this time has no use for it. */
const LENT_MS = 500;

/** Lends slots that nobody waits for to workers that could fill them at once, without a trip through the queue. */
export class Lending {
  private loans = 0;

  constructor(
    private readonly schedule: Schedule,
    private readonly bus: Pick<MessageBus, 'hint'>,
    private readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  ) {}

  /** `validUntilMs`: none must be filled after another scheduler may lead, monotonic milliseconds. */
  lend(wanted: SlotsWanted, capacity: Capacity, validUntilMs: number): void {
    const { workerId, tenant, count, askedAtMs, rootsAskId } = wanted;
    const nowMs = this.clock.monotonicMs();
    const validForMs = Math.min(LENT_MS, validUntilMs - nowMs);
    if (validForMs <= 0) return;
    this.loans += 1;
    const loanId = `${this.clock.nowMs()}:${this.loans}`;
    // The worker counts from its question, and that was before.
    const untilMs = nowMs + validForMs + APPEND_GRACE_MS;
    const wish = { loanId, tenant, count, untilMs, startsTrees: rootsAskId !== undefined };
    const granted = this.schedule.lend(wish, capacity);
    if (granted === 0 && rootsAskId === undefined) return;
    const terms = { askedAtMs, validForMs, rootsAskId };
    const lent: SlotsLent = { workerId, loanId, tenant, count: granted, ...terms };
    this.bus.hint(subjects.slotsLent, lent);
  }
}

/** What workers say of slots, until the returned functions are called. What is no such hint is ignored. */
export function listenToSlotHints(
  bus: Pick<MessageBus, 'onHint'>,
  listener: { lend(wanted: SlotsWanted): void; takeBack(free: SlotsFree): void },
): (() => void)[] {
  return [
    bus.onHint(subjects.slotsWanted, ({ data }) => {
      const wanted = slotsWantedSchema.safeParse(data);
      if (wanted.success) listener.lend(wanted.data);
    }),
    bus.onHint(subjects.slotsFree, ({ data }) => {
      const free = slotsFreeSchema.safeParse(data);
      if (free.success) listener.takeBack(free.data);
    }),
  ];
}
