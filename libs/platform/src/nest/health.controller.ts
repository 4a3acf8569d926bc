import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import type { HealthCheck } from '../health/health-check.js';
import { Readiness, type HealthReport } from '../health/readiness.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { CLOCK, HEALTH_CHECKS, LOGGER } from './tokens.js';

/** `GET /health/live`: the process answers. `GET /health/ready`: it can do its work; else 503. */
@Controller('health')
export class HealthController {
  readonly #readiness: Readiness;

  constructor(
    @Inject(HEALTH_CHECKS) checks: readonly HealthCheck[],
    @Inject(LOGGER) log: Logger,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#readiness = new Readiness(checks, log, clock);
  }

  @Get('live')
  live(): { readonly live: true } {
    return { live: true };
  }

  @Get('ready')
  async ready(): Promise<HealthReport> {
    const report = await this.#readiness.report();
    if (!report.ready) throw new ServiceUnavailableException(report);
    return report;
  }
}
