import { agentSteps, streams } from '@skynet/contracts';
import type { EventStore } from '../event-store/event-store.port.js';
import {
  AUTH_LOG_PREFIX,
  leftBehind,
  LOG_PREFIX,
  untilTakenOver,
} from '../event-store/auth-log/left-behind.js';
import { WholeLog } from '../event-store/auth-log/whole-log.js';
import type { EventStoreDbLogOptions } from '../event-store/eventstoredb/eventstoredb-event-store.adapter.js';
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
import type { RedisOptions } from '../state/redis/redis-link.js';
import type { StateStores } from '../state/state-store.port.js';
import type { PlatformSettings } from './platform.config.js';

/** What the stores of a process are opened with. */
export interface Surroundings {
  readonly service: string;
  readonly settings: PlatformSettings;
  readonly log: Logger;
  readonly clock: Clock;
  /** Which log of the two that there are in NATS. Default: the common one. */
  readonly eventLog?: EventLog;
}

/** `auth` is what only auth writes and reads. */
export type EventLog = 'common' | 'auth';

/** The log that the settings name. */
export async function openEventStore(
  { settings, log, clock, eventLog = 'common' }: Surroundings,
  link: NatsLink,
  publisher: LeanPublisher,
): Promise<EventStore> {
  const { eventStore, nats } = settings;
  switch (eventStore.kind) {
    case 'memory':
      return new MemoryEventStore();
    case 'eventstoredb':
      return openEventStoreDb({ url: eventStore.url, packing: agentSteps, log, clock });
    case 'jetstream':
      if (eventLog === 'auth') await untilTakenOver(link, log);
      return JetStreamEventStore.open(link, publisher, {
        ...LOGS[eventLog],
        replicas: nats.replicas,
        log,
        clock,
      });
  }
}

/** Loads the vendor's client only where it is used. */
async function openEventStoreDb(options: EventStoreDbLogOptions): Promise<EventStore> {
  const { EventStoreDbEventStore } =
    await import('../event-store/eventstoredb/eventstoredb-event-store.adapter.js');
  return EventStoreDbEventStore.open(options);
}

/** The two logs that there are in NATS. */
export const LOGS = {
  common: { logStream: streams.log, prefix: LOG_PREFIX },
  auth: { logStream: streams.authLog, prefix: AUTH_LOG_PREFIX, keepsAll: true },
} as const;

/** All that was ever appended, for operators. */
export async function openWholeLog(
  surroundings: Surroundings,
  link: NatsLink,
  publisher: LeanPublisher,
): Promise<EventStore | WholeLog> {
  const { settings, log, clock } = surroundings;
  const common = await openEventStore(surroundings, link, publisher);
  if (settings.eventStore.kind !== 'jetstream') return common;
  const { replicas } = settings.nats;
  const options = { ...LOGS.auth, replicas, log, clock };
  const auth = await JetStreamEventStore.open(link, publisher, options);
  return new WholeLog({ common, auth, leftBehind: await leftBehind(link) });
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
      return connectRedis({ url: stateStore.url, name: service, log, clock });
    case 'nats':
      return new NatsKvStateStores(link, publisher, { replicas: nats.replicas, log });
  }
}

/** Loads the vendor's client only where it is used. */
async function connectRedis(options: RedisOptions): Promise<StateStores> {
  const { RedisStateStores } = await import('../state/redis/redis-state-stores.adapter.js');
  return RedisStateStores.connect(options);
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
