import {
  derivedId,
  sleep,
  WorldError,
  WrongExpectedRevisionError,
  type Clock,
  type HealthCheck,
  type Logger,
  type Metrics,
} from '@skynet/platform';
import type { Arrival, AuditIntake, Received } from '@skynet/platform/audit';
import type { AuditLog } from './audit-log.js';
import type { AuditSigner } from './audit-signer.js';

export interface AuditRecorderOptions {
  readonly chain: AuditLog;
  readonly intake: AuditIntake;
  readonly signer: AuditSigner;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** A replica that finds another one at work stands by for so long. */
const STAND_BY_MS = 3_000;
const AGAIN_MS = 1_000;
const LOOK_MS = 5_000;
const SIGN_AFTER_RECORDS = 1_000;
const SIGN_AFTER_MS = 60_000;
const FORGET_EACH_MS = 60_000;
const LATE_MS = 30_000;

/** Takes acts in, chains and signs them. May run in many replicas: one append wins, the others stand by. */
export class AuditRecorder {
  private readonly ending = new AbortController();
  private readonly ended = new Promise<void>((resolve) =>
    this.ending.signal.addEventListener('abort', () => resolve()),
  );
  private running: Promise<void> | undefined;
  private cancelLook: (() => void) | undefined;
  /** One append at a time. */
  private turn: Promise<unknown> = Promise.resolve();
  private unsignedSinceMs: number | undefined;
  private forgottenMs = -Infinity;
  /** Since when something that came is not recorded. */
  private waitingSinceMs: number | undefined;

  constructor(private readonly options: AuditRecorderOptions) {
    const description = 'Age of the oldest act that has come and is not recorded.';
    options.metrics.gauge('skynet_audit_lag_seconds', { description, unit: 's' }, () => [
      { value: this.lagMs / 1_000 },
    ]);
  }

  get healthCheck(): HealthCheck {
    return {
      name: 'audit-chain',
      check: async () => {
        if (this.lagMs > LATE_MS) throw new WorldError('acts are not recorded', 'later');
      },
    };
  }

  start(): void {
    this.running = this.run();
    this.lookAgain();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.cancelLook?.();
    await this.running;
    await this.turn.catch(() => undefined);
  }

  /** Signs the chain as it is; undefined when it is empty. */
  signNow(): Promise<{ readonly seq: number; readonly jws: string } | undefined> {
    return this.inTurn(async () => {
      const { last } = await this.options.chain.load();
      return last === undefined ? undefined : this.sign(last);
    });
  }

  private get lagMs(): number {
    const { clock } = this.options;
    return this.waitingSinceMs === undefined ? 0 : clock.monotonicMs() - this.waitingSinceMs;
  }

  private async run(): Promise<void> {
    const { clock, log } = this.options;
    while (!this.ending.signal.aborted) {
      let pauseMs = AGAIN_MS;
      try {
        await this.follow();
      } catch (error) {
        if (error instanceof WrongExpectedRevisionError) {
          pauseMs = STAND_BY_MS;
          // It is at work on what waited here.
          this.waitingSinceMs = undefined;
        } else log.warn('acts are not recorded now', { error });
      }
      if (!this.ending.signal.aborted) await Promise.race([sleep(clock, pauseMs), this.ended]);
    }
  }

  private async follow(): Promise<void> {
    const { chain, intake, clock } = this.options;
    const { last, signedSeq } = await this.inTurn(() => chain.load());
    if (last !== undefined && last.seq > signedSeq) this.unsignedSinceMs ??= clock.monotonicMs();
    for await (const arrivals of intake.after(last?.source, this.ending.signal)) {
      this.waitingSinceMs ??= clock.monotonicMs();
      let received = arrivals.map((arrival) => receivedOf(arrival, clock.nowMs()));
      while (received.length > 0) {
        const done = await this.inTurn(() => chain.append(received));
        received = received.slice(done);
      }
      this.waitingSinceMs = undefined;
      this.unsignedSinceMs ??= clock.monotonicMs();
      await this.inTurn(() => this.signIfDue());
      await this.forget();
    }
  }

  private lookAgain(): void {
    this.cancelLook = this.options.clock.timer(LOOK_MS, () => {
      void this.inTurn(() => this.signIfDue())
        .catch((error: unknown) => this.options.log.debug('not signed', { error }))
        .finally(() => !this.ending.signal.aborted && this.lookAgain());
    });
  }

  private async signIfDue(): Promise<void> {
    const { chain, clock } = this.options;
    const { last, signedSeq } = chain.tail;
    if (last === undefined || this.unsignedSinceMs === undefined) return;
    const isOld = clock.monotonicMs() - this.unsignedSinceMs >= SIGN_AFTER_MS;
    if (last.seq - signedSeq >= SIGN_AFTER_RECORDS || isOld) await this.sign(last);
  }

  private async sign(last: { readonly seq: number; readonly hash: string }) {
    const { chain, signer } = this.options;
    const jws = await signer.sign(last);
    if (chain.tail.signedSeq < last.seq) {
      await chain.sign(last.seq, jws);
      await signer.tell(last, jws);
    }
    this.unsignedSinceMs = undefined;
    return { seq: last.seq, jws };
  }

  private async forget(): Promise<void> {
    const { chain, intake, clock, log } = this.options;
    const { last } = chain.tail;
    if (last === undefined || clock.monotonicMs() - this.forgottenMs < FORGET_EACH_MS) return;
    this.forgottenMs = clock.monotonicMs();
    try {
      await intake.forget(last.source);
    } catch (error) {
      log.debug('what is recorded is not forgotten yet', { error });
    }
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.catch(() => undefined).then(work);
    this.turn = result;
    return result;
  }
}

/** Something that is no entry leaves a record that it came. */
function receivedOf(arrival: Arrival, timeMs: number): Received {
  if (arrival.kind === 'entry') return arrival.received;
  const { place, service } = arrival;
  return {
    service,
    source: place,
    entry: {
      id: derivedId('audit-damaged', place.stream, place.sequence),
      timeMs,
      act: 'omitted',
      outcome: 'failed',
      reason: 'what the service sent is no entry',
    },
  };
}
