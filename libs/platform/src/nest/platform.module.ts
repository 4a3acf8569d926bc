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
import {
  eventStoreHealthCheck,
  natsHealthCheck,
  storageHealthCheck,
} from '../health/platform-checks.js';
import { DeadLetters } from '../messaging/jetstream/dead-letters.js';
import { ensureStreams } from '../messaging/jetstream/jetstream-streams.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { NatsMessageBus } from '../messaging/nats/nats-message-bus.adapter.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { noMetrics } from '../telemetry/metrics.port.js';
import { openTracing } from '../telemetry/open-tracing.js';
import { createLogger } from '../telemetry/pino-logger.adapter.js';
import { PrometheusMetrics } from '../telemetry/prometheus-metrics.adapter.js';
import type { ShowText } from '../telemetry/tracing.port.js';
import type { PlatformSettings } from './platform.config.js';
import { provide } from './provide.js';
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
  /** How content is shown in spans, where the settings let it in. Default: as it is. */
  readonly showText?: ShowText;
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
      TRACING,
      METRICS,
    ]) {
      await this.parts.get<Closable>(token).close();
    }
  }
}

const NATS = { link: NATS_LINK, publisher: PUBLISHER };

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
    ...telemetryOf(options, log),
    provide(NATS_LINK, {}, async () => {
      const link = await connectNats({ ...settings.nats, name: service, log, clock });
      await ensureStreams(link.connection, { replicas, queueMib, log });
      return link;
    }),
    provide(PUBLISHER, { link: NATS_LINK }, ({ link }) => new LeanPublisher(link, { clock })),
    provide(
      DEAD_LETTERS,
      { publisher: PUBLISHER, metrics: METRICS },
      ({ publisher, metrics }) => new DeadLetters(publisher, log, metrics),
    ),
    provide(EVENT_STORE, NATS, ({ link, publisher }) =>
      openEventStore(surroundings, link, publisher),
    ),
    provide(STATE_STORES, NATS, ({ link, publisher }) =>
      openStateStores(surroundings, link, publisher),
    ),
    provide(PAYLOAD_STORE, NATS, ({ link, publisher }) =>
      openPayloadStore(surroundings, link, publisher),
    ),
    provide(MESSAGE_BUS, NATS, ({ link, publisher }) => new NatsMessageBus(link, publisher, log)),
    ...auditOf({ service, clock, log }),
    checksOf(service, settings),
  ];
}

function auditOf(options: Pick<Surroundings, 'service' | 'clock' | 'log'>): FactoryProvider[] {
  return [
    provide(
      BusAuditTrail,
      { bus: MESSAGE_BUS, metrics: METRICS },
      (parts) => new BusAuditTrail({ ...options, ...parts }),
    ),
    provide(AUDIT_TRAIL, { trail: BusAuditTrail }, ({ trail }) => trail),
    provide(
      AUDIT_INTAKE,
      { link: NATS_LINK },
      ({ link }) => new JetStreamAuditIntake(link, options),
    ),
  ];
}

function checksOf(service: string, { eventStore }: PlatformSettings): FactoryProvider {
  const parts = { ...NATS, store: EVENT_STORE, audit: BusAuditTrail };
  return provide(PLATFORM_CHECKS, parts, ({ link, publisher, store, audit }) => [
    natsHealthCheck(link),
    storageHealthCheck(publisher, service),
    ...(eventStore.kind === 'memory' ? [] : [eventStoreHealthCheck(store)]),
    audit.healthCheck,
  ]);
}

function telemetryOf(
  { service, settings, showText }: PlatformOptions,
  log: Logger,
): (ValueProvider | FactoryProvider)[] {
  const { telemetry, http: limits } = settings;
  const { traces, tracesContent: content, tracesDetail: details, metrics } = telemetry;
  return [
    provide(TRACING, { metrics: METRICS }, (parts) =>
      openTracing({ service, traces, content, details, showText, log, ...parts }),
    ),
    provide(METRICS, {}, () =>
      metrics === undefined
        ? noMetrics
        : PrometheusMetrics.serve({ service, ...metrics, limits, log }),
    ),
  ];
}
