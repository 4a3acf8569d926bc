import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import type { EventStore } from '../event-store/event-store.port.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { within, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { CLOCK, HEALTH_CHECKS, LOGGER } from './tokens.js';

/** One thing a service needs to do its work. */
export interface HealthCheck {
  readonly name: string;
  /** Rejects, or takes over 2 s, when the thing is not there. */
  check(): Promise<void>;
}

/** What `GET /health/ready` says. The reasons are in the log: the answer is for anyone. */
export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
}

const CHECK_LIMIT_MS = 2_000;

/** A round trip to the server. */
export function natsHealthCheck(link: NatsLink): HealthCheck {
  return { name: 'nats', check: () => link.roundTrip() };
}

/** A round trip to where the log is. */
export function eventStoreHealthCheck(store: EventStore): HealthCheck {
  return {
    name: 'event-store',
    async check() {
      await store.head();
    },
  };
}

/** `GET /health/live`: the process answers. `GET /health/ready`: it can do its work; else 503. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[],
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('live')
  live(): { readonly live: true } {
    return { live: true };
  }

  @Get('ready')
  async ready(): Promise<HealthReport> {
    const results = await Promise.all(
      this.checks.map(async (check) => [check.name, await this.#passes(check)] as const),
    );
    const report = { ready: results.every(([, ok]) => ok), checks: Object.fromEntries(results) };
    if (!report.ready) throw new ServiceUnavailableException(report);
    return report;
  }

  async #passes(check: HealthCheck): Promise<boolean> {
    try {
      const late = () => new Error(`no answer in ${CHECK_LIMIT_MS} ms`);
      await within(this.clock, CHECK_LIMIT_MS, check.check(), late);
      return true;
    } catch (error) {
      this.log.warn('health check failed', { check: check.name, error });
      return false;
    }
  }
}
