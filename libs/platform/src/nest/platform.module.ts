import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type OnApplicationShutdown,
  type ValueProvider,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { BusAuditTrail } from '../audit/bus-audit-trail.adapter.js';
import { JetStreamAuditIntake } from '../audit/jetstream-audit-intake.adapter.js';
import type { EventStore } from '../event-store/event-store.port.js';
import type { HealthCheck } from '../health/health-check.js';
import {
  eventStoreHealthCheck,
  natsHealthCheck,
  storageHealthCheck,
} from '../health/platform-checks.js';
import { DeadLetters } from '../messaging/jetstream/dead-letters.js';
import { ensureStreams } from '../messaging/jetstream/jetstream-streams.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import type { MessageBus } from '../messaging/message-bus.port.js';
import { NatsMessageBus } from '../messaging/nats/nats-message-bus.adapter.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import { createLogger, type Logger } from '../runtime/logger.js';
import { noMetrics, type Metrics } from '../telemetry/metrics.port.js';
import { noTracing } from '../telemetry/no-tracing.js';
import { OtelTracing } from '../telemetry/otel-tracing.adapter.js';
import { PrometheusMetrics } from '../telemetry/prometheus-metrics.adapter.js';
import type { Tracing } from '../telemetry/tracing.port.js';
import type { PlatformSettings } from './platform.config.js';
import {
  openEventStore,
  openPayloadStore,
  openStateStores,
  type EventLog,
  type Surroundings,
} from './platform-stores.js';
import {
  AUDIT_INTAKE,
  AUDIT_TRAIL,
  CLOCK,
  DEAD_LETTERS,
  EVENT_STORE,
  LOGGER,
  METRICS,
  MESSAGE_BUS,
  NATS_LINK,
  PAYLOAD_STORE,
  PLATFORM_CHECKS,
  PUBLISHER,
  STATE_STORES,
  TRACING,
} from './tokens.js';

export interface PlatformOptions {
  /** Name of the service, shown in the log and in the server's list of connections. */
  readonly service: string;
  readonly settings: PlatformSettings;
  /** Default: lines of level info and above on standard output. */
  readonly log?: Logger;
  readonly clock?: Clock;
  /** Which log of the two that there are in NATS. Default: the common one. */
  readonly eventLog?: EventLog;
}

/** Everything vendor-made that a service uses, behind ports, over one NATS connection. Import it once, at the root. */
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(@Inject(ModuleRef) private readonly parts: ModuleRef) {}

  /** Starting waits for NATS and for its streams. */
  static forRoot(options: PlatformOptions): DynamicModule {
    const providers = providersOf(options);
    const exports = providers.map(({ provide }) => provide);
    return { module: PlatformModule, global: true, providers, exports };
  }

  /** Runs after servers and transports are closed: nothing uses these any more. */
  async onApplicationShutdown(): Promise<void> {
    for (const token of [
      AUDIT_TRAIL,
      EVENT_STORE,
      STATE_STORES,
      MESSAGE_BUS,
      PUBLISHER,
      NATS_LINK,
      METRICS,
      TRACING,
    ]) {
      await this.parts.get<Closable>(token).close();
    }
  }
}

interface Closable {
  close(): Promise<void> | void;
}

function providersOf(options: PlatformOptions): (ValueProvider | FactoryProvider)[] {
  const { service, settings, clock = systemClock, eventLog = 'common' } = options;
  const { replicas, queueMib } = settings.nats;
  const log = options.log ?? createLogger({ level: settings.logLevel, fields: { service }, clock });
  const surroundings: Surroundings = { service, settings, log, clock, eventLog };
  return [
    { provide: CLOCK, useValue: clock },
    { provide: LOGGER, useValue: log },
    ...telemetryOf(service, settings, log),
    {
      provide: NATS_LINK,
      useFactory: async () => {
        const link = await connectNats({ ...settings.nats, name: service, log, clock });
        await ensureStreams(link.connection, { replicas, queueMib, log });
        return link;
      },
    },
    {
      provide: PUBLISHER,
      inject: [NATS_LINK],
      useFactory: (link: NatsLink) => new LeanPublisher(link, { clock }),
    },
    {
      provide: DEAD_LETTERS,
      inject: [PUBLISHER, METRICS],
      useFactory: (publisher: LeanPublisher, metrics: Metrics) =>
        new DeadLetters(publisher, log, metrics),
    },
    {
      provide: EVENT_STORE,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        openEventStore(surroundings, link, publisher),
    },
    {
      provide: STATE_STORES,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        openStateStores(surroundings, link, publisher),
    },
    {
      provide: PAYLOAD_STORE,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        openPayloadStore(surroundings, link, publisher),
    },
    {
      provide: MESSAGE_BUS,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        new NatsMessageBus(link, publisher, log),
    },
    ...auditOf({ service, clock, log }),
    checksOf(service, settings),
  ];
}

function auditOf(options: Pick<Surroundings, 'service' | 'clock' | 'log'>): FactoryProvider[] {
  return [
    {
      provide: AUDIT_TRAIL,
      inject: [MESSAGE_BUS, METRICS],
      useFactory: (bus: MessageBus, metrics: Metrics) =>
        new BusAuditTrail({ ...options, bus, metrics }),
    },
    {
      provide: AUDIT_INTAKE,
      inject: [NATS_LINK],
      useFactory: (link: NatsLink) => new JetStreamAuditIntake(link, options),
    },
  ];
}

function checksOf(service: string, { eventStore }: PlatformSettings): FactoryProvider {
  return {
    provide: PLATFORM_CHECKS,
    inject: [NATS_LINK, PUBLISHER, EVENT_STORE, AUDIT_TRAIL],
    useFactory: (
      link: NatsLink,
      publisher: LeanPublisher,
      store: EventStore,
      audit: BusAuditTrail,
    ): HealthCheck[] => [
      natsHealthCheck(link),
      storageHealthCheck(publisher, service),
      ...(eventStore.kind === 'memory' ? [] : [eventStoreHealthCheck(store)]),
      audit.healthCheck,
    ],
  };
}

function telemetryOf(
  service: string,
  { telemetry, http: limits }: PlatformSettings,
  log: Logger,
): (ValueProvider | FactoryProvider)[] {
  const { otlpEndpoint, tracesRatio: ratio, tracesContent: content, metrics } = telemetry;
  return [
    {
      provide: TRACING,
      useFactory: (): Tracing =>
        otlpEndpoint === undefined
          ? noTracing
          : new OtelTracing({ service, otlpEndpoint, ratio, content }),
    },
    {
      provide: METRICS,
      useFactory: async (): Promise<Metrics> =>
        metrics === undefined
          ? noMetrics
          : PrometheusMetrics.serve({ service, ...metrics, limits, log }),
    },
  ];
}
