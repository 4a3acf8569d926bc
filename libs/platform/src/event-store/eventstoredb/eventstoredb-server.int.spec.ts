import { describe, it } from '@jest/globals';
import { agentSteps } from '@skynet/contracts';
import { eventStoreServerUrl, eventStoreSuite, writeAsStranger } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import type {
  AppendResult,
  CommitHandler,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  SubscribeOptions,
  Subscription,
} from '../event-store.port.js';
import { EventStoreDbEventStore } from './eventstoredb-event-store.adapter.js';

/** A log that begins where the shared one ended when the test began. */
class LogFromNow implements EventStore {
  readonly kind = 'eventstoredb';

  constructor(
    private readonly store: EventStore,
    private readonly start: Position | undefined,
  ) {}

  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    return this.store.append(stream, events, expected);
  }

  read(stream: string, options?: ReadOptions): Promise<readonly StoredEvent[]> {
    return this.store.read(stream, options);
  }

  deleteStream(stream: string, lastRevision: number): Promise<void> {
    return this.store.deleteStream(stream, lastRevision);
  }

  subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription> {
    const { start } = this;
    return this.store.subscribe(
      { ...(start !== undefined && { after: start }), ...options },
      handler,
    );
  }

  async head(prefix?: string): Promise<Position | undefined> {
    const head = await this.store.head(prefix);
    if (head === undefined || this.start === undefined) return head;
    return this.store.comparePositions(head, this.start) > 0 ? head : undefined;
  }

  comparePositions(a: Position, b: Position): number {
    return this.store.comparePositions(a, b);
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

const address = eventStoreServerUrl();

if (address === undefined) {
  describe('the event store on a real EventStoreDB', () => {
    it.skip('is not tried: SKYNET_TEST_EVENTSTORE names no server', () => undefined);
  });
} else {
  eventStoreSuite('on a real EventStoreDB', async () => {
    const open = () =>
      EventStoreDbEventStore.open({ url: new Secret(address), packing: agentSteps, log });
    let store = await open();
    const start = await store.head();
    return {
      store: new LogFromNow(store, start),
      async reopen() {
        await store.close();
        store = await open();
        return new LogFromNow(store, start);
      },
      damage: (stream) => writeAsStranger(address, stream),
      dispose: () => store.close(),
    };
  });
}
