import { payloadStoreSuite } from '@skynet/testing';
import { MemoryPayloadStore } from './memory-payload-store.adapter.js';

payloadStoreSuite('in memory', () =>
  Promise.resolve({ store: new MemoryPayloadStore(), dispose: () => Promise.resolve() }),
);
