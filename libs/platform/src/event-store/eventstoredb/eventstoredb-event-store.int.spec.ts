import {
  eventStoreSuite,
  startEventStoreDouble,
  writeAsStranger,
  type EventStoreDoubleOptions,
  type StoreUnderTest,
} from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import { EventStoreDbEventStore } from './eventstoredb-event-store.adapter.js';

/** The rules hold at any speed: what happens when an answer is late has specifications of its own. */
const PATIENT_MS = 20_000;

async function underTest(options: EventStoreDoubleOptions): Promise<StoreUnderTest> {
  const double = await startEventStoreDouble(options);
  const url = new Secret(double.connectionString);
  let current = await EventStoreDbEventStore.open({ url, log, callTimeoutMs: PATIENT_MS });
  return {
    store: current,
    async reopen() {
      await current.close();
      current = await EventStoreDbEventStore.open({ url, log, callTimeoutMs: PATIENT_MS });
      return current;
    },
    damage: (stream) => writeAsStranger(`${double.connectionString}&discoveryInterval=20`, stream),
    tidiesLater: true,
    async dispose() {
      await current.close();
      double.stop();
    },
  };
}

eventStoreSuite('on EventStoreDB', () => underTest({}));
eventStoreSuite('on an EventStoreDB without batched appends', () =>
  underTest({ batchAppend: false }),
);
eventStoreSuite('on an EventStoreDB that forgot earlier appends', () =>
  underTest({ knowsRepeats: false }),
);
