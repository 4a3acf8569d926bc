import { randomUUID } from 'node:crypto';
import { Inject, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Schedule } from '@skynet/domain-scheduling';
import {
  AUDIT_TRAIL,
  CLOCK,
  EVENT_STORE,
  HEALTH_CHECKS,
  HealthController,
  LOGGER,
  MESSAGE_BUS,
  METRICS,
  PLATFORM_CHECKS,
  provide,
  STATE_STORES,
  TRACING,
} from '@skynet/platform/service';
import { Scheduler } from './scheduler.js';
import type { SchedulerConfig } from './scheduler.config.js';

const PORTS = {
  store: EVENT_STORE,
  states: STATE_STORES,
  bus: MESSAGE_BUS,
  clock: CLOCK,
  log: LOGGER,
  tracing: TRACING,
  metrics: METRICS,
  audit: AUDIT_TRAIL,
};

/** The scheduler over the ports of PlatformModule. */
@Module({})
export class SchedulerModule {
  constructor(@Inject(Scheduler) readonly scheduler: Scheduler) {}

  static forRoot(
    config: SchedulerConfig,
    platform: DynamicModule,
    onBug: (error: unknown) => void,
  ): DynamicModule {
    return {
      module: SchedulerModule,
      imports: [platform],
      controllers: [HealthController],
      providers: providersOf(config, onBug),
    };
  }
}

function providersOf(config: SchedulerConfig, onBug: (error: unknown) => void): Provider[] {
  return [
    provide(
      Scheduler,
      PORTS,
      (ports) => new Scheduler({ ...ports, onBug, schedule: new Schedule() }, config, randomUUID()),
    ),
    provide(
      HEALTH_CHECKS,
      { platform: PLATFORM_CHECKS, scheduler: Scheduler },
      ({ platform, scheduler }) => [...platform, ...scheduler.healthChecks],
    ),
  ];
}
