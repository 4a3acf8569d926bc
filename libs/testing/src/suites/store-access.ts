import type { EventStore } from '@skynet/platform';

/** The store of the test that runs. */
export interface StoreAccess {
  store(): EventStore;
  reopen(): Promise<EventStore>;
}
