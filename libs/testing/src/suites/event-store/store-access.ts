import type { EventStore } from '@skynet/platform';

/** The store of the test that runs. */
export interface StoreAccess {
  store(): EventStore;
  reopen(): Promise<EventStore>;
  /** Puts something at the end of the stream that is no commit of ours. */
  damage(stream: string): Promise<void>;
  /** Whether deleted streams are shown to subscriptions for a while, and their names are never taken again. */
  tidiesLater(): boolean;
}
