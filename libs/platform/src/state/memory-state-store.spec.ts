import { ManualClock, stateStoreSuite } from '@skynet/testing';
import { MemoryStateStores } from './memory-state-store.adapter.js';

stateStoreSuite('in memory', () => {
  const clock = new ManualClock();
  const stores = new MemoryStateStores(clock);
  return Promise.resolve({
    stores,
    another: () => Promise.resolve(stores),
    pass: (ms: number) => clock.advance(ms),
    dispose: () => stores.close(),
  });
});
