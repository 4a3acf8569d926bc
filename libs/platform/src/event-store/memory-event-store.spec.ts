import { eventStoreSuite } from '@skynet/testing';
import { MemoryEventStore, MemoryLog } from './memory-event-store.adapter.js';

eventStoreSuite('in memory', () => {
  const log = new MemoryLog();
  let store = new MemoryEventStore(log);
  const reopen = async () => {
    await store.close();
    store = new MemoryEventStore(log);
    return store;
  };
  const damage = async (stream: string) => log.addDamage(stream, 'it is none');
  return Promise.resolve({ store, reopen, damage, dispose: () => store.close() });
});
