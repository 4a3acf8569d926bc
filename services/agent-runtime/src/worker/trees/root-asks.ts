import { subjects, type SlotsLent, type SlotsWanted } from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';
import type { RootStart } from './root-start.js';

/** A scheduler that leads answers at once; a client waits no longer for one that does not. */
const ANSWER_MS = 50;
/** So long nothing is asked after an answer that was missing, */
const SILENCE_MS = 1_000;
/** and for a tenant after one that said no: its trees wait in the queue, where others are before them. */
const REFUSED_MS = 100;

/** Asks the scheduler for slots on which new trees could begin at once: one hint for all of a tenant in one turn of the event loop. */
export class RootAsks {
  private readonly collected = new Map<string, RootStart[]>();
  private readonly open = new Map<string, { starts: RootStart[]; cancel: () => void }>();
  /** Monotonic milliseconds until which it is of no use to ask. */
  private silentUntilMs = 0;
  private readonly refusedUntilMs = new Map<string, number>();
  private asks = 0;
  private asking = 0;

  constructor(
    private readonly bus: Pick<MessageBus, 'hint'>,
    private readonly clock: Pick<Clock, 'monotonicMs' | 'timer'>,
    private readonly workerId: string,
  ) {}

  /** Roots for which an answer is awaited. */
  get size(): number {
    return this.asking;
  }

  mayAsk(tenant: string): boolean {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.silentUntilMs) return false;
    const untilMs = this.refusedUntilMs.get(tenant);
    if (untilMs === undefined) return true;
    if (nowMs < untilMs) return false;
    this.refusedUntilMs.delete(tenant);
    return true;
  }

  /** What becomes of it is said by the answer; without one it is left to the queue. */
  ask(start: RootStart): void {
    this.asking += 1;
    const starts = this.collected.get(start.tenant);
    if (starts !== undefined) {
      starts.push(start);
      return;
    }
    this.collected.set(start.tenant, [start]);
    setImmediate(() => this.send(start.tenant));
  }

  /** Those that have slots now; the others of the same ask are left to the queue. */
  answered({ rootsAskId = '', tenant, count }: SlotsLent): readonly RootStart[] {
    const starts = this.close(rootsAskId);
    if (count < starts.length) {
      this.refusedUntilMs.set(tenant, this.clock.monotonicMs() + REFUSED_MS);
      for (const start of starts.slice(count)) void start.enqueue();
    }
    return starts.slice(0, count);
  }

  private send(tenant: string): void {
    const starts = this.collected.get(tenant) ?? [];
    this.collected.delete(tenant);
    this.asks += 1;
    const rootsAskId = `${this.workerId}:${this.asks}`;
    const cancel = this.clock.timer(ANSWER_MS, () => {
      this.silentUntilMs = this.clock.monotonicMs() + SILENCE_MS;
      for (const start of this.close(rootsAskId)) void start.enqueue();
    });
    this.open.set(rootsAskId, { starts, cancel });
    const wanted: SlotsWanted = {
      workerId: this.workerId,
      tenant,
      count: starts.length,
      askedAtMs: this.clock.monotonicMs(),
      rootsAskId,
    };
    this.bus.hint(subjects.slotsWanted, wanted);
  }

  private close(askId: string): readonly RootStart[] {
    const ask = this.open.get(askId);
    if (ask === undefined) return [];
    this.open.delete(askId);
    ask.cancel();
    this.asking -= ask.starts.length;
    return ask.starts;
  }
}
