import { streams } from '@skynet/contracts';
import type { EventStore } from '../event-store/event-store.port.js';
import { EventStoreDbEventStore } from '../event-store/eventstoredb/eventstoredb-event-store.adapter.js';
import { JetStreamEventStore } from '../event-store/jetstream-event-store.adapter.js';
import { MemoryEventStore } from '../event-store/memory-event-store.adapter.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { FilePayloadStore } from '../payloads/file-payload-store.adapter.js';
import { NatsPayloadStore } from '../payloads/nats-payload-store.adapter.js';
import type { PayloadStore } from '../payloads/payload-store.port.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import { NatsKvStateStores } from '../state/nats-kv-state-stores.adapter.js';
import { RedisStateStores } from '../state/redis/redis-state-stores.adapter.js';
import type { StateStores } from '../state/state-store.port.js';
import type { PlatformSettings } from './platform.config.js';

/** What the stores of a process are opened with. */
export interface Surroundings {
  readonly service: string;
  readonly settings: PlatformSettings;
  readonly log: Logger;
  readonly clock: Clock;
}

/** The log that the settings name. */
export async function openEventStore(
  { settings, log, clock }: Surroundings,
  link: NatsLink,
  publisher: LeanPublisher,
): Promise<EventStore> {
  const { eventStore, nats } = settings;
  switch (eventStore.kind) {
    case 'memory':
      return new MemoryEventStore();
    case 'eventstoredb':
      return EventStoreDbEventStore.open({ url: eventStore.url, log, clock });
    case 'jetstream':
      return JetStreamEventStore.open(link, publisher, {
        logStream: streams.log,
        prefix: 'log',
        replicas: nats.replicas,
        log,
        clock,
      });
  }
}

/** The buckets that the settings name. */
export async function openStateStores(
  { service, settings, log, clock }: Surroundings,
  link: NatsLink,
  publisher: LeanPublisher,
): Promise<StateStores> {
  const { stateStore, nats } = settings;
  switch (stateStore.kind) {
    case 'memory':
      return new MemoryStateStores(clock);
    case 'redis':
      return RedisStateStores.connect({ url: stateStore.url, name: service, log, clock });
    case 'nats':
      return new NatsKvStateStores(link, publisher, { replicas: nats.replicas, log });
  }
}

/** The payloads that the settings name. */
export async function openPayloadStore(
  { settings }: Surroundings,
  link: NatsLink,
  publisher: LeanPublisher,
): Promise<PayloadStore> {
  const { payloadStore, nats } = settings;
  return payloadStore.kind === 'file'
    ? FilePayloadStore.open(payloadStore.folder)
    : NatsPayloadStore.open(link, publisher, { replicas: nats.replicas });
}
