import { agentSteps } from '@skynet/contracts';
import {
  eventStoreSuite,
  startEventStoreDouble,
  writeAsStranger,
  type EventStoreDoubleOptions,
  type StoreUnderTest,
} from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import type { Packing } from '../eventstoredb-form/event-pack.js';
import { EventStoreDbEventStore } from './eventstoredb-event-store.adapter.js';

/** The rules hold at any speed: what happens when an answer is late has specifications of its own. */
const patient = { callTimeoutMs: 20_000, patienceMs: 20_000 };

interface Options extends EventStoreDoubleOptions {
  readonly packing?: Packing;
}

async function underTest({ packing, ...options }: Options): Promise<StoreUnderTest> {
  const double = await startEventStoreDouble(options);
  const url = new Secret(double.connectionString);
  const open = () =>
    EventStoreDbEventStore.open({
      url,
      log,
      ...patient,
      ...(packing && { packing }),
    });
  let current = await open();
  return {
    store: current,
    async reopen() {
      await current.close();
      current = await open();
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

/** Each commit of the suite is one stored event. */
const notes: Packing = { type: 'Notes', details: new Set(['NoteTaken']) };

eventStoreSuite('on EventStoreDB', () => underTest({ packing: agentSteps }));
eventStoreSuite('on EventStoreDB where each event is stored by itself', () => underTest({}));
eventStoreSuite('on EventStoreDB where all events of a commit are stored as one', () =>
  underTest({ packing: notes }),
);
eventStoreSuite('on an EventStoreDB without batched appends', () =>
  underTest({ batchAppend: false, packing: agentSteps }),
);
eventStoreSuite('on an EventStoreDB that forgot earlier appends', () =>
  underTest({ knowsRepeats: false, packing: agentSteps }),
);
