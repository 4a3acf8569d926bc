import { afterEach, beforeEach, describe } from '@jest/globals';
import type { EventStore } from '@skynet/platform';
import type { StoreAccess } from './store-access.js';
import { appendRules } from './event-store-append.suite.js';
import { damageRules } from './event-store-damage.suite.js';
import { deletionRules } from './event-store-deletion.suite.js';
import { detailRules } from './event-store-details.suite.js';
import { readRules } from './event-store-read.suite.js';
import { subscriptionRules } from './event-store-subscription.suite.js';

/** A store with a log of its own. */
export interface StoreUnderTest {
  readonly store: EventStore;
  /** Closes the store and opens another one on the same log, as a restarted process does. */
  reopen(): Promise<EventStore>;
  /** Puts something at the end of the stream that is no commit of ours, past the store. */
  damage(stream: string): Promise<void>;
  /** Deleted streams are shown to subscriptions until the server tidies up, and their names are never taken again. */
  readonly tidiesLater?: boolean;
  /** Closes everything that was opened. */
  dispose(): Promise<void>;
}

/** What every EventStore does; each adapter's spec calls it. */
export function eventStoreSuite(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(`the event store ${name}`, () => {
    let underTest: StoreUnderTest;
    beforeEach(async () => {
      underTest = await makeStore();
    });
    afterEach(() => underTest.dispose());
    const access: StoreAccess = {
      store: () => underTest.store,
      reopen: () => underTest.reopen(),
      damage: (stream) => underTest.damage(stream),
      tidiesLater: () => underTest.tidiesLater === true,
    };
    appendRules(access);
    readRules(access);
    subscriptionRules(access);
    damageRules(access);
    deletionRules(access);
    detailRules(access);
  });
}
