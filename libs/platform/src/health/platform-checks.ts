import { subjects } from '@skynet/contracts';
import type { EventStore } from '../event-store/event-store.port.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import type { HealthCheck } from './health-check.js';

/** A round trip to the server. */
export function natsHealthCheck(link: Pick<NatsLink, 'roundTrip'>): HealthCheck {
  return { name: 'nats', check: () => link.roundTrip() };
}

/** A smaller message may still fit into what the server has of the disk when that is full. */
const SOME_PAGES = ' '.repeat(8 * 1024);

/**
 * A message that the server must store: with a full disk it still answers, and stores nothing. `service` is the NATS
 * user, who may publish for itself only.
 */
export function storageHealthCheck(
  publisher: Pick<LeanPublisher, 'publish'>,
  service: string,
): HealthCheck {
  return {
    name: 'storage',
    check: async () => void (await publisher.publish(subjects.health(service), SOME_PAGES)),
  };
}

/** Whether the log would take an append. */
export function eventStoreHealthCheck(store: Pick<EventStore, 'head' | 'probe'>): HealthCheck {
  const check = async () => void (await (store.probe?.() ?? store.head()));
  return { name: 'event-store', check };
}
