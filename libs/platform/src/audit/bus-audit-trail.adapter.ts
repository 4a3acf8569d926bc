import { randomUUID } from 'node:crypto';
import { auditActNames, subjects, type AuditEntry } from '@skynet/contracts';
import type { HealthCheck } from '../health/health-check.js';
import type { MessageBus } from '../messaging/message-bus.port.js';
import { sleep, within, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import type { Metrics } from '../telemetry/metrics.port.js';
import type { Act, AuditTrail } from './audit-trail.port.js';
import { KeptRefusals } from './kept-refusals.js';
import { entryOf } from './trimmed-act.js';

export interface AuditTrailOptions {
  /** Whose acts these are to the one who records them. */
  readonly service: string;
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What a single one of is told to somebody. */
const ALERTED = [
  { act: 'token-reuse', outcome: 'refused' },
  { act: 'approve-tools', outcome: 'allowed' },
];

const WAIT_MS = 2_000;
const AGAIN_MS = 1_000;
const OMITTED_EACH_MS = 60_000;
const MOST_WAITING = 1_000;
/** As long as a passing trouble takes. */
const LATE_MS = 10_000;

const late = () => new Error('the audit stream does not answer');

/** Tells acts over the bus. What could not be stored is kept in memory and sent again under the same id. */
export class BusAuditTrail implements AuditTrail {
  private readonly refusals: KeptRefusals;
  /** By id, oldest first: when each began to wait. */
  private readonly waiting = new Map<string, number>();
  private readonly told;
  private readonly dropped;
  private cancelOmitted: (() => void) | undefined;
  private isClosed = false;

  constructor(private readonly options: AuditTrailOptions) {
    const { metrics, clock } = options;
    this.refusals = new KeptRefusals(clock);
    this.told = metrics.counter('skynet_audit_acts', {
      description: 'Acts of people and clients, by what was done and what came of it.',
    });
    // The first increase is seen only of what was there before.
    for (const labels of ALERTED) this.told.add(0, labels);
    this.dropped = metrics.counter('skynet_audit_dropped', {
      description: 'Acts that were never recorded: the audit stream took none for too long.',
    });
    metrics.gauge('skynet_audit_waiting', { description: 'Acts that are not stored yet.' }, () => [
      { value: this.waiting.size },
    ]);
  }

  async record(act: Act): Promise<void> {
    // Few series, whatever a caller says.
    const name = auditActNames.has(act.act) ? act.act : 'other';
    this.told.add(1, { act: name, outcome: act.outcome });
    if (!this.refusals.keeps(act)) {
      this.tellOmittedLater();
      return;
    }
    const { clock } = this.options;
    const stored = this.store(entryOf(act, randomUUID(), clock.nowMs()));
    await within(clock, WAIT_MS, stored, late).catch(() => undefined);
  }

  /** Fails while acts wait for longer than a passing trouble takes. */
  get healthCheck(): HealthCheck {
    return { name: 'audit', check: () => this.check() };
  }

  /** Tells what was only counted. What still waits then is lost, and said in the log. */
  async close(): Promise<void> {
    this.cancelOmitted?.();
    await within(this.options.clock, WAIT_MS, this.tellOmitted(), late).catch(() => undefined);
    this.isClosed = true;
    if (this.waiting.size > 0) this.drop(this.waiting.size);
    this.waiting.clear();
  }

  private async store(entry: AuditEntry): Promise<void> {
    const { bus, clock, log, service } = this.options;
    if (this.waiting.size >= MOST_WAITING) {
      this.drop(1);
      return;
    }
    this.waiting.set(entry.id, clock.monotonicMs());
    for (;;) {
      try {
        await bus.publish(subjects.audit(service), entry, { id: entry.id });
        break;
      } catch (error) {
        if (this.isClosed) return;
        log.warn('an act is not recorded yet', { act: entry.act, error });
      }
      await sleep(clock, AGAIN_MS);
      if (this.isClosed) return;
    }
    this.waiting.delete(entry.id);
  }

  private drop(count: number): void {
    this.dropped.add(count);
    this.options.log.error('acts are not recorded', { count });
  }

  private async check(): Promise<void> {
    const [oldestMs = Infinity] = this.waiting.values();
    if (this.options.clock.monotonicMs() - oldestMs < LATE_MS) return;
    throw new WorldError(`${this.waiting.size} acts are not recorded yet`, 'later');
  }

  private tellOmittedLater(): void {
    this.cancelOmitted ??= this.options.clock.timer(OMITTED_EACH_MS, () => void this.tellOmitted());
  }

  private async tellOmitted(): Promise<void> {
    this.cancelOmitted = undefined;
    const omitted = this.refusals.takeOmitted();
    if (omitted === undefined) return;
    const { clock } = this.options;
    await this.store(entryOf(omitted, randomUUID(), clock.nowMs()));
  }
}
