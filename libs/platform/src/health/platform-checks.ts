import { subjects } from '@skynet/contracts';
import type { EventStore } from '../event-store/event-store.port.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import type { HealthCheck } from './health-check.js';

/** A round trip to the server. */
export function natsHealthCheck(link: Pick<NatsLink, 'roundTrip'>): HealthCheck {
  return { name: 'nats', check: () => link.roundTrip() };
}

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
    check: async () => void (await publisher.publish(subjects.health(service), '{}')),
  };
}

/** A look at the end of the log. */
export function eventStoreHealthCheck(store: Pick<EventStore, 'head'>): HealthCheck {
  return { name: 'event-store', check: async () => void (await store.head()) };
}
