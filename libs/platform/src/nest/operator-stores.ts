import { WholeLog } from '../event-store/auth-log/whole-log.js';
import type { EventStore } from '../event-store/event-store.port.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { PayloadStore } from '../payloads/payload-store.port.js';
import { systemClock } from '../runtime/clock.js';
import { silentLogger, type Logger } from '../runtime/logger.js';
import type { StateStores } from '../state/state-store.port.js';
import type { PlatformSettings } from './platform.config.js';
import { openPayloadStore, openStateStores, openWholeLog } from './platform-stores.js';

/** The stores of a running system, for a program that is no service. */
export interface OperatorStores {
  readonly eventStore: EventStore;
  /** Names of streams of auth that a release before has left in the common log. */
  readonly leftBehind: readonly string[];
  readonly payloads: PayloadStore;
  /** Opens the buckets when they are first asked for. */
  states(): Promise<StateStores>;
  /**
   * Brings those into the log of auth; the answer is how many there were. Safe to repeat, at any time.
   *
   * @throws DamagedStreamError when something of it is no commit of ours
   * @throws LogsDifferError when the log of auth holds something else in such a stream
   */
  takeOver(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens the whole log and the payloads that the settings name, as the NATS user `operator`.
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
    const eventStore = await openWholeLog(surroundings, link, publisher);
    const payloads = await openPayloadStore(surroundings, link, publisher);
    let opening: Promise<StateStores> | undefined;
    return {
      eventStore,
      leftBehind: eventStore instanceof WholeLog ? [...eventStore.leftBehind] : [],
      payloads,
      states: () => (opening ??= openStateStores(surroundings, link, publisher)),
      takeOver: async () => (eventStore instanceof WholeLog ? eventStore.takeOver() : 0),
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
