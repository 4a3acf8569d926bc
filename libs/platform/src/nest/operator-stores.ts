import type { EventStore } from '../event-store/event-store.port.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { PayloadStore } from '../payloads/payload-store.port.js';
import { systemClock } from '../runtime/clock.js';
import { silentLogger, type Logger } from '../runtime/logger.js';
import type { StateStores } from '../state/state-store.port.js';
import type { PlatformSettings } from './platform.config.js';
import { openEventStore, openPayloadStore, openStateStores } from './platform-stores.js';

/** The stores of a running system, for a program that is no service. */
export interface OperatorStores {
  readonly eventStore: EventStore;
  readonly payloads: PayloadStore;
  /** Opens the buckets when they are first asked for. */
  states(): Promise<StateStores>;
  close(): Promise<void>;
}

/**
 * Opens the log and the payloads that the settings name, as the NATS user `operator`.
 *
 * @throws WorldError when NATS or a store is not there
 */
export async function openOperatorStores(
  settings: PlatformSettings,
  log: Logger = silentLogger,
): Promise<OperatorStores> {
  const surroundings = { service: 'operator', settings, log, clock: systemClock };
  const link = await connectNats({ ...settings.nats, name: 'operator', log });
  const publisher = new LeanPublisher(link);
  const closeLink = async () => {
    publisher.close();
    await link.close();
  };
  try {
    const eventStore = await openEventStore(surroundings, link, publisher);
    const payloads = await openPayloadStore(surroundings, link, publisher);
    let opening: Promise<StateStores> | undefined;
    return {
      eventStore,
      payloads,
      states: () => (opening ??= openStateStores(surroundings, link, publisher)),
      async close() {
        await (await opening?.catch(() => undefined))?.close();
        await eventStore.close();
        await closeLink();
      },
    };
  } catch (error) {
    await closeLink();
    throw error;
  }
}
