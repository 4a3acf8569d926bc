export { EventStoreDbEventStore } from '../event-store/eventstoredb/eventstoredb-event-store.adapter.js';
export {
  installEventStoreDb,
  type InstallOptions,
} from '../event-store/eventstoredb/install-eventstoredb.js';
