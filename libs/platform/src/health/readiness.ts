import { within, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { HealthCheck } from './health-check.js';

/** What `GET /health/ready` says. The reasons are in the log: the answer is for anyone. */
export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
  /** What is worth to know of those that pass, by check; absent when there is nothing. */
  readonly notices?: Readonly<Record<string, string>>;
}

const CHECK_LIMIT_MS = 2_000;
/** How long a report is given to whoever asks. Short when something fails: a start waits for the change. */
const READY_KEPT_MS = 1_000;
const NOT_READY_KEPT_MS = 200;

/** Runs the checks of a service, once for all who ask at about the same time: anyone may ask, as often as he likes. */
export class Readiness {
  private readonly failing = new Set<string>();
  private underWay: Promise<HealthReport> | undefined;
  private keptUntilMs = Infinity;

  constructor(
    private readonly checks: readonly HealthCheck[],
    private readonly log: Logger,
    private readonly clock: Clock,
  ) {}

  /** At most a second old. Never rejects. */
  report(): Promise<HealthReport> {
    if (this.underWay === undefined || this.clock.monotonicMs() >= this.keptUntilMs) {
      this.keptUntilMs = Infinity;
      this.underWay = this.run();
    }
    return this.underWay;
  }

  private async run(): Promise<HealthReport> {
    const results = await Promise.all(
      this.checks.map(async (check) => [check.name, await this.passes(check)] as const),
    );
    const ready = results.every(([, ok]) => ok);
    this.keptUntilMs = this.clock.monotonicMs() + (ready ? READY_KEPT_MS : NOT_READY_KEPT_MS);
    const notices = this.checks.flatMap((check) => {
      const text = check.notice?.();
      return text === undefined ? [] : [[check.name, text] as const];
    });
    return {
      ready,
      checks: Object.fromEntries(results),
      ...(notices.length > 0 && { notices: Object.fromEntries(notices) }),
    };
  }

  private async passes(check: HealthCheck): Promise<boolean> {
    const { name } = check;
    try {
      const late = () => new Error(`no answer in ${CHECK_LIMIT_MS} ms`);
      await within(this.clock, CHECK_LIMIT_MS, check.check(), late);
    } catch (error) {
      if (!this.failing.has(name)) this.log.warn('health check fails', { check: name, error });
      this.failing.add(name);
      return false;
    }
    if (this.failing.delete(name)) this.log.info('health check passes again', { check: name });
    return true;
  }
}
