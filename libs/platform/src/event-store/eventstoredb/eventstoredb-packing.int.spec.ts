import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jsonEvent, KurrentDBClient, type JSONType } from '@kurrent/kurrentdb-client';
import { agentSteps } from '@skynet/contracts';
import {
  CollectedCommits,
  commitOf,
  commitOfTypes,
  newStream,
  startEventStoreDouble,
  textsOf,
  type EventStoreDouble,
} from '@skynet/testing';
import fc from 'fast-check';
import { silentLogger as log } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import type { Damage, NewEvent, ReadOptions, StoredEvent } from '../event-store.port.js';
import { encodeCommit } from '../eventstoredb-form/kurrent-event.js';
import { MemoryEventStore } from '../memory-event-store.adapter.js';
import {
  EventStoreDbEventStore,
  type EventStoreDbLogOptions,
} from './eventstoredb-event-store.adapter.js';
import { KnownPlaces } from './known-places.js';
import { KurrentConnection } from './kurrent-connection.js';
import { StreamReader } from './stream-reader.js';

const patient = { callTimeoutMs: 20_000, patienceMs: 20_000 };
const closing: (() => Promise<void> | void)[] = [];
let double: EventStoreDouble;
let stream: string;

beforeEach(async () => {
  double = await started();
  stream = newStream();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function started(options: Parameters<typeof startEventStoreDouble>[0] = {}) {
  const server = await startEventStoreDouble(options);
  closing.push(() => server.stop());
  return server;
}

const address = () => ({ url: new Secret(double.connectionString), log });

async function opened(options: Partial<EventStoreDbLogOptions> = { packing: agentSteps }) {
  const store = await EventStoreDbEventStore.open({
    ...address(),
    ...patient,
    ...options,
  });
  closing.push(() => store.close());
  return store;
}

const details = (count: number) =>
  commitOfTypes(Array.from({ length: count }, () => 'ProgressReported'));

/** Reads of streams since the start. */
const reads = () => double.calls.get('Streams/Read') ?? 0;

describe('a life of an agent', () => {
  it('is stored as what people look for, and what lies between as one', async () => {
    const store = await opened();
    const spawned = 'AgentSpawned AgentAdmitted RunStarted ModelCallStarted'.split(' ');
    const reported = 'ModelCallSettled ToolCallStarted ProgressReported ToolCallSettled'.split(' ');
    await store.append(stream, commitOfTypes(spawned), 'no-stream');
    await store.append(stream, commitOfTypes(reported), 3);
    await store.append(stream, commitOfTypes(['ModelCallSettled', 'AgentCompleted']), 7);
    expect(double.served.recorded).toBe(5);
    const client = KurrentDBClient.connectionString(double.connectionString);
    closing.push(() => client.dispose());
    const types: unknown[] = [];
    for await (const { event } of client.readStream(stream)) types.push(event?.type);
    expect(types).toEqual(
      'AgentSpawned AgentSteps AgentSteps ModelCallSettled AgentCompleted'.split(' '),
    );
  });
});

describe('a stream that began before details were stored as one', () => {
  it('goes on, is read as a whole, and may go on as it began', async () => {
    const before = await opened({});
    await before.append(stream, details(3), 'no-stream');
    const now = await opened();
    await now.append(stream, details(4), 2);
    expect(double.served.recorded).toBe(4);
    expect(await before.read(stream)).toHaveLength(7);
    await before.append(stream, details(2), 6);
    await now.append(stream, commitOf(['end']), 8);
    const last = await opened();
    const revisions = (await last.read(stream)).map(({ revision }) => revision);
    expect(revisions).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const seen = new CollectedCommits();
    await (
      await last.subscribe({}, seen.handler)
    ).caughtUp;
    expect(seen.commits.map(({ revision }) => revision)).toEqual([2, 6, 8, 9]);
  });
});

describe.each([{ knowsRepeats: true }, { knowsRepeats: false }])(
  'a commit that is appended again by a release that stores it otherwise, %j,',
  (mode) => {
    const ways = [{}, { packing: agentSteps }] as const;

    it.each<[Partial<EventStoreDbLogOptions>, Partial<EventStoreDbLogOptions>, number]>([
      [...ways, 3],
      [ways[1], ways[0], 3],
      [...ways, 1],
      [ways[1], ways[0], 1],
    ])('is the same commit: %j, then %j', async (one, other, count) => {
      double = await started(mode);
      const [first, second] = [await opened(one), await opened(other)];
      const commit = [...commitOfTypes(['AgentSpawned']), ...details(count)].map((event, index) => {
        const place = { id: 'one', index, size: count + 1 };
        return { ...event, metadata: { ...event.metadata, commit: place } };
      });
      const result = await first.append(stream, commit, 'no-stream');
      expect(await second.append(stream, commit, 'no-stream')).toEqual(result);
      expect(await second.append(stream, details(2), count)).toMatchObject({ revision: count + 2 });
      expect(await first.append(stream, commit, 'no-stream')).toEqual(result);
      expect(await first.read(stream)).toHaveLength(count + 3);
    });
  },
);

describe('a long stream of which nothing is known', () => {
  const count = 1_200;
  let memory: MemoryEventStore;
  let connection: KurrentConnection;
  const reader = () => new StreamReader(connection, new KnownPlaces());
  beforeEach(async () => {
    memory = new MemoryEventStore();
    const stores = [memory, await opened({}), await opened()] as const;
    connection = await KurrentConnection.open({ ...address(), ...patient });
    closing.push(() => connection.close());
    const append = async (commit: readonly NewEvent[], isPacked: boolean) => {
      const [, separate, packed] = stores;
      const expected = revision < 0 ? 'no-stream' : revision;
      await memory.append(stream, commit, expected);
      ({ revision } = await (isPacked ? packed : separate).append(stream, commit, expected));
    };
    let revision = -1;
    for (let commits = 0; revision < count; commits += 1) {
      await append(details(1 + ((commits * 7) % 13)), revision > 200);
    }
  });

  const parts = fc.record<ReadOptions>(
    {
      from: fc.nat(count + 100),
      max: fc.oneof(fc.nat(5), fc.nat(count)),
      backwards: fc.boolean(),
    },
    { requiredKeys: [] },
  );

  it('is any part of it as it was written', async () => {
    const check = async (part: ReadOptions) => {
      const read = await reader().read(stream, part);
      const bare = read.map(({ position: _, ...event }): StoredEvent => event);
      expect(bare).toEqual(await memory.read(stream, part));
    };
    await fc.assert(fc.asyncProperty(parts, check), { numRuns: 60 });
  });

  it.each<[ReadOptions, number]>([
    [{}, 1],
    [{ max: 5 }, 1],
    [{ backwards: true }, 1],
    [{ backwards: true, max: 1 }, 1],
    [{ from: count - 100 }, 1],
    [{ from: count + 100 }, 1],
    [{ from: 600, max: 5 }, 8],
    [{ from: 600, max: 5, backwards: true }, 8],
    [{ from: 100 }, 8],
  ])('is read with few calls: %j', async (part, most) => {
    const before = reads();
    await reader().read(stream, part);
    expect(reads() - before).toBeLessThanOrEqual(most);
  });
});

describe('an append', () => {
  it('is one call where this process has read or followed the stream', async () => {
    const other = await opened();
    await other.append(stream, details(3), 'no-stream');
    const store = await opened();
    await store.read(stream);
    const before = reads();
    await store.append(stream, details(2), 2);
    expect(reads()).toBe(before);
    const follower = await opened();
    const seen = new CollectedCommits();
    await (
      await follower.subscribe({}, seen.handler)
    ).caughtUp;
    const later = reads();
    await follower.append(stream, details(2), 4);
    expect(reads()).toBe(later);
  });

  it('reads the last event where it has not, and is not sent when its time is over by then', async () => {
    await (await opened()).append(stream, details(3), 'no-stream');
    const store = await opened();
    const before = reads();
    await store.append(stream, details(2), 2);
    expect(reads()).toBe(before + 1);
    const late = (await opened()).append(stream, details(2), 4, {
      lastMomentMs: performance.now() - 1,
    });
    await expect(late).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    expect(await store.read(stream)).toHaveLength(5);
  });

  it.each([{ batchAppend: true }, { batchAppend: false }])(
    'whose answer is lost stands once, %j',
    async (mode) => {
      double = await started({ ...mode, knowsRepeats: false });
      const store = await opened();
      const first = await store.append(stream, details(3), 'no-stream');
      double.behaviour.brokenAppends = 1;
      expect(await store.append(stream, details(4), first.revision)).toMatchObject({ revision: 6 });
      expect(await store.read(stream)).toHaveLength(7);
      expect(double.served.recorded).toBe(2);
    },
  );

  it('that is refused tells the revision, not the number, and so does a deletion', async () => {
    const [one, other] = [await opened(), await opened()];
    await one.append(stream, details(3), 'no-stream');
    await other.append(stream, details(3), 2);
    const refused = one.append(stream, details(1), 2);
    await expect(refused).rejects.toMatchObject({ expected: 2, actual: 5 });
    await expect(one.deleteStream(stream, 2)).rejects.toMatchObject({ expected: 2, actual: 5 });
    await one.deleteStream(stream, 5);
    expect(await other.read(stream)).toEqual([]);
    await expect((await opened()).append(stream, details(1), 5)).rejects.toMatchObject({
      retry: 'never',
      message: expect.stringContaining('deleted'),
    });
  });
});

describe('what is stored as several events and holds none of ours', () => {
  interface Changed {
    readonly metadata: object;
    readonly data: JSONType;
  }
  const changes: Record<string, (metadata: object, data: JSONType) => Changed> = {
    'the wrong revision': (metadata, data) => ({ metadata: { ...metadata, revision: 7 }, data }),
    'a revision before its number': (metadata, data) => ({
      metadata: { ...metadata, revision: 0 },
      data,
    }),
    'too many events': (metadata, data) => ({ metadata: { ...metadata, count: 2 }, data }),
    'no list of events': (metadata) => ({ metadata, data: { events: 'none' } }),
  };

  async function putDamaged(what: string): Promise<void> {
    const client = KurrentDBClient.connectionString(double.connectionString);
    closing.push(() => client.dispose());
    const [pack] = encodeCommit(details(3), { revision: 3, number: 1 }, agentSteps);
    const { id, type, metadata, data } = pack ?? jsonEvent({ type: 'None', data: {} });
    const changed = changes[what]?.(metadata as object, data);
    const event = jsonEvent({ id, type, data: {}, ...changed });
    await client.appendToStream(stream, event, { streamState: 0n });
  }

  it.each(Object.keys(changes))('is damage of its stream alone: %s', async (what) => {
    const store = await opened();
    await store.append(stream, details(3), 'no-stream');
    await putDamaged(what);
    const other = newStream();
    await store.append(other, details(2), 'no-stream');
    for (const reading of [await opened(), store]) {
      const damaged = { name: 'DamagedStreamError', stream, retry: 'never' };
      await expect(reading.read(stream)).rejects.toMatchObject(damaged);
      expect(await reading.read(other)).toHaveLength(2);
    }
  });

  it('does not hide what was asked for before it', async () => {
    const store = await opened();
    await store.append(stream, details(3), 'no-stream');
    await putDamaged('the wrong revision');
    expect(await store.read(stream, { max: 3 })).toHaveLength(3);
    expect(await store.read(stream, { from: 1, max: 2 })).toHaveLength(2);
  });

  it('is told of in its place, also where the commit goes on', async () => {
    const store = await opened();
    await store.append(stream, details(3), 'no-stream');
    await putDamaged('too many events');
    await store.append(newStream(), commitOf(['after'], randomUUID()), 'no-stream');
    const damages: Damage[] = [];
    const seen = new CollectedCommits();
    const onDamaged = (damage: Damage) => void damages.push(damage);
    await (
      await store.subscribe({ onDamaged }, seen.handler)
    ).caughtUp;
    expect(damages).toMatchObject([{ stream, reason: 'it does not hold 2 events' }]);
    expect(textsOf(seen.commits.at(-1)?.events ?? [])).toEqual(['after']);
    const refused = store.append(stream, details(1), 2);
    await expect(refused).rejects.toMatchObject({ name: 'DamagedStreamError', stream });
  });
});
