import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type OnApplicationShutdown,
  type ValueProvider,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { streams } from '@skynet/contracts';
import { JetStreamEventStore } from '../event-store/jetstream-event-store.adapter.js';
import { MemoryEventStore } from '../event-store/memory-event-store.adapter.js';
import { DeadLetters } from '../messaging/jetstream/dead-letters.js';
import { ensureStreams } from '../messaging/jetstream/jetstream-streams.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { NatsMessageBus } from '../messaging/nats/nats-message-bus.adapter.js';
import { NatsPayloadStore } from '../payloads/nats-payload-store.adapter.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import { createLogger, type Logger } from '../runtime/logger.js';
import { NatsKvStateStores } from '../state/nats-kv-state-stores.adapter.js';
import {
  CLOCK,
  DEAD_LETTERS,
  EVENT_STORE,
  LOGGER,
  MESSAGE_BUS,
  NATS_LINK,
  PAYLOAD_STORE,
  PUBLISHER,
  STATE_STORES,
} from './tokens.js';

export interface PlatformOptions {
  /** Name of the service, shown in the log and in the server's list of connections. */
  readonly service: string;
  /** One or several servers of one cluster, separated by commas. */
  readonly natsUrl: string;
  /** Default: jetstream. `memory` is the log of this one process, for tests. */
  readonly eventStore?: 'jetstream' | 'memory';
  /** Copies of every stream and bucket in a cluster. Default: 1. */
  readonly replicas?: number;
  /** Default: lines of level info and above on standard output. */
  readonly log?: Logger;
  readonly clock?: Clock;
}

/** Everything vendor-made that a service uses, behind ports, over one NATS connection. Import it once, at the root. */
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(@Inject(ModuleRef) private readonly parts: ModuleRef) {}

  /** Starting waits for NATS and creates the streams. */
  static forRoot(options: PlatformOptions): DynamicModule {
    const providers = providersOf(options);
    const exports = providers.map(({ provide }) => provide);
    return { module: PlatformModule, global: true, providers, exports };
  }

  /** Runs after servers and transports are closed: nothing uses these any more. */
  async onApplicationShutdown(): Promise<void> {
    for (const token of [EVENT_STORE, STATE_STORES, MESSAGE_BUS, PUBLISHER, NATS_LINK]) {
      await this.parts.get<Closable>(token).close();
    }
  }
}

interface Closable {
  close(): Promise<void> | void;
}

function providersOf(options: PlatformOptions): (ValueProvider | FactoryProvider)[] {
  const { service, natsUrl, replicas = 1, clock = systemClock } = options;
  const log = options.log ?? createLogger({ fields: { service }, clock });
  return [
    { provide: CLOCK, useValue: clock },
    { provide: LOGGER, useValue: log },
    {
      provide: NATS_LINK,
      useFactory: async () => {
        const link = await connectNats({ url: natsUrl, name: service, log, clock });
        await ensureStreams(link.connection, { replicas });
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
      inject: [PUBLISHER],
      useFactory: (publisher: LeanPublisher) => new DeadLetters(publisher, log),
    },
    {
      provide: EVENT_STORE,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        options.eventStore === 'memory'
          ? new MemoryEventStore()
          : JetStreamEventStore.open(link, publisher, {
              logStream: streams.log,
              prefix: 'log',
              replicas,
              log,
              clock,
            }),
    },
    {
      provide: STATE_STORES,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        new NatsKvStateStores(link, publisher, { replicas, log }),
    },
    {
      provide: PAYLOAD_STORE,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        NatsPayloadStore.open(link, publisher, { replicas }),
    },
    {
      provide: MESSAGE_BUS,
      inject: [NATS_LINK, PUBLISHER],
      useFactory: (link: NatsLink, publisher: LeanPublisher) =>
        new NatsMessageBus(link, publisher, log),
    },
  ];
}
