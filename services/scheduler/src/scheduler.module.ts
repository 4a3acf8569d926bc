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
  STATE_STORES,
  type AuditTrail,
  type Clock,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  TRACING,
  type StateStores,
  type Tracing,
} from '@skynet/platform';
import { Scheduler } from './scheduler.js';
import type { SchedulerConfig } from './scheduler.config.js';

export const SCHEDULER = Symbol('SCHEDULER');

/** The scheduler over the ports of PlatformModule. */
@Module({})
export class SchedulerModule {
  constructor(@Inject(SCHEDULER) readonly scheduler: Scheduler) {}

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
    {
      provide: SCHEDULER,
      inject: [
        EVENT_STORE,
        STATE_STORES,
        MESSAGE_BUS,
        CLOCK,
        LOGGER,
        TRACING,
        METRICS,
        AUDIT_TRAIL,
      ],
      useFactory: (
        ...[store, states, bus, clock, log, tracing, metrics, audit]: [
          EventStore,
          StateStores,
          MessageBus,
          Clock,
          Logger,
          Tracing,
          Metrics,
          AuditTrail,
        ]
      ) =>
        new Scheduler(
          {
            ...{ store, states, bus, clock, log, tracing, metrics, audit },
            ...{ onBug, schedule: new Schedule() },
          },
          config,
          randomUUID(),
        ),
    },
    {
      provide: HEALTH_CHECKS,
      inject: [PLATFORM_CHECKS, SCHEDULER],
      useFactory: (platform: readonly HealthCheck[], scheduler: Scheduler) => [
        ...platform,
        ...scheduler.healthChecks,
      ],
    },
  ];
}
