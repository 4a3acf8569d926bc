import type { EventStore, Position } from '../event-store/event-store.port.js';
import type { HealthCheck } from '../health/health-check.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Metrics } from '../telemetry/metrics.port.js';
import type { StreamsSetAside } from './streams-set-aside.js';

export interface ProjectionLagOptions {
  readonly store: Pick<EventStore, 'head' | 'comparePositions'>;
  /** Streams that are projected: a whole category, as `agent-`. */
  readonly prefix: string;
  /** Place of the last commit that took effect. */
  readonly position: () => Position | undefined;
  /** Streams that are not projected; told beside the health, which they do not change. */
  readonly setAside?: Pick<StreamsSetAside, 'notice'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const SAMPLE_MS = 1_000;
/** A service whose projection lacks something for longer is not ready. */
const LAG_MAX_MS = 10_000;

interface Target {
  readonly position: Position;
  readonly seenMs: number;
}

/**
 * How long a projection has lacked something that stands in the log, to a second. It does not ask the projection, which
 * may stand still, but looks once a second where the log ends, and then whether the projection gets there.
 */
export class ProjectionLag {
  /** The oldest end of the log that was seen and not reached. */
  private target: Target | undefined;
  private hasCaughtUp = false;
  private isWatching = false;
  private cancelTimer: (() => void) | undefined;

  constructor(private readonly options: ProjectionLagOptions) {
    options.metrics.gauge(
      'skynet_projection_lag_seconds',
      { description: 'For how long the projection has lacked something that stands in the log' },
      () => (this.isWatching ? [{ value: this.lagMs / 1_000 }] : []),
    );
  }

  /** 0 when nothing is known to be missing. */
  get lagMs(): number {
    this.noteReached();
    return this.target === undefined ? 0 : this.options.clock.monotonicMs() - this.target.seenMs;
  }

  start(): void {
    this.isWatching = true;
    void this.sample();
  }

  stop(): void {
    this.isWatching = false;
    this.cancelTimer?.();
  }

  /** Fails until the projection has once been where the log ended, and while it lags by more than 10 s. */
  healthCheck(): HealthCheck {
    const check = (): Promise<void> => {
      const { lagMs } = this;
      if (!this.hasCaughtUp) return Promise.reject(new Error('the log is not read to its end yet'));
      if (lagMs <= LAG_MAX_MS) return Promise.resolve();
      return Promise.reject(new Error(`lags ${Math.round(lagMs / 1_000)} s behind the log`));
    };
    return { name: 'projection', check, notice: () => this.options.setAside?.notice() };
  }

  private async sample(): Promise<void> {
    const { clock, log, prefix, store } = this.options;
    try {
      const position = await store.head(prefix);
      this.noteReached();
      if (this.target === undefined) this.aimAt(position);
    } catch (error) {
      log.debug('the end of the log is not known', { error });
    }
    if (this.isWatching) this.cancelTimer = clock.timer(SAMPLE_MS, () => void this.sample());
  }

  private aimAt(position: Position | undefined): void {
    if (position !== undefined && !this.hasReached(position)) {
      this.target = { position, seenMs: this.options.clock.monotonicMs() };
    } else this.hasCaughtUp = true;
  }

  private noteReached(): void {
    if (this.target === undefined || !this.hasReached(this.target.position)) return;
    this.target = undefined;
    this.hasCaughtUp = true;
  }

  private hasReached(place: Position): boolean {
    const position = this.options.position();
    return position !== undefined && this.options.store.comparePositions(position, place) >= 0;
  }
}
