import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  commitOf,
  newStream,
  startEventStoreDouble,
  startNatsServer,
  type NatsServer,
} from '@skynet/testing';
import { LeanPublisher } from '../../messaging/nats/lean-publisher.js';
import { connectNats } from '../../messaging/nats/nats-connection.js';
import { silentLogger as log } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import type { Commit, EventStore } from '../event-store.port.js';
import { EventStoreDbEventStore } from '../eventstoredb/eventstoredb-event-store.adapter.js';
import { JetStreamEventStore } from '../jetstream-event-store.adapter.js';
import { MemoryEventStore, MemoryLog } from '../memory-event-store.adapter.js';
import { copyLog } from './copy-log.js';
import { digestOfLog, eachCommit, firstDifference } from './log-digest.js';

let server: NatsServer;
let logs = 0;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => server.stop());

/** Opens a new, empty log of each kind. */
const kinds = {
  memory: async () => new MemoryEventStore(),
  jetstream: async () => {
    const link = await connectNats({ url: server.url, name: 'test', log });
    closing.push(() => link.close());
    const publisher = new LeanPublisher(link);
    closing.push(() => publisher.close());
    logs += 1;
    const names = { logStream: `LOG${logs}`, prefix: `log${logs}` };
    return JetStreamEventStore.open(link, publisher, { ...names, log });
  },
  eventstoredb: async () => {
    const double = await startEventStoreDouble();
    closing.push(() => double.stop());
    const url = new Secret(double.connectionString);
    return EventStoreDbEventStore.open({
      url,
      log,
      callTimeoutMs: 20_000,
      patienceMs: 20_000,
    });
  },
} satisfies Record<string, () => Promise<EventStore>>;
type Kind = keyof typeof kinds;

async function opened(kind: Kind): Promise<EventStore> {
  const store = await kinds[kind]();
  closing.push(() => store.close());
  return store;
}

/** Streams of three categories, commits of one and of several events, one stream appended to between the others. */
async function filled(store: EventStore): Promise<string> {
  const often = newStream();
  await store.append(often, commitOf(['a', 'b', 'c']), 'no-stream');
  await store.append(newStream('principal'), commitOf(['user']), 'no-stream');
  await store.append(often, commitOf(['d']), 2);
  await store.append(newStream('audit'), commitOf(['x', 'y']), 'no-stream');
  await store.append(often, commitOf(['e', 'f']), 3);
  return often;
}

async function commitsOf(store: EventStore): Promise<Omit<Commit, 'position'>[]> {
  const commits: Omit<Commit, 'position'>[] = [];
  await eachCommit(store, ({ position: _, ...commit }) => void commits.push(commit));
  return commits;
}

const ways: [Kind, Kind][] = [
  ['memory', 'jetstream'],
  ['jetstream', 'memory'],
  ['jetstream', 'eventstoredb'],
  ['eventstoredb', 'jetstream'],
  ['jetstream', 'jetstream'],
];

describe.each(ways)('a log copied from %s to %s', (from, to) => {
  it('is the same, commit by commit, in the same order', async () => {
    const [source, target] = [await opened(from), await opened(to)];
    await filled(source);
    const copy = await copyLog(source, target);
    expect(copy).toMatchObject({ copied: 5, skipped: 0 });
    expect(await commitsOf(target)).toEqual(await commitsOf(source));
    const summary = { streams: 3, commits: 5, events: 9, sha256: expect.any(String) };
    expect(copy.source.summary()).toEqual(summary);
    expect((await digestOfLog(target)).summary()).toEqual(copy.source.summary());
  });

  it('goes on where an earlier copy ended, and copies nothing twice', async () => {
    const [source, target] = [await opened(from), await opened(to)];
    const often = await filled(source);
    await copyLog(source, target);
    expect(await copyLog(source, target)).toMatchObject({ copied: 0, skipped: 5 });
    await source.append(often, commitOf(['g']), 5);
    await source.append(newStream(), commitOf(['new']), 'no-stream');
    expect(await copyLog(source, target)).toMatchObject({ copied: 2, skipped: 5 });
    expect(await commitsOf(target)).toEqual(await commitsOf(source));
  });

  it('is refused, and left as it is, when it is no beginning of the other', async () => {
    const [source, target] = [await opened(from), await opened(to)];
    const often = await filled(source);
    const known = (await source.read(often)).slice(0, 3);
    await target.append(often, known.map(withoutPlace), 'no-stream');
    await target.append(often, commitOf(['other']), 2);
    const before = await commitsOf(target);
    await expect(copyLog(source, target)).rejects.toMatchObject({
      difference: { stream: often, revision: 3 },
    });
    expect(await commitsOf(target)).toEqual(before);
  });
});

function withoutPlace({ stream: _, revision: _revision, ...event }: Commit['events'][number]) {
  return event;
}

describe('a copy', () => {
  const log = async () => {
    const source = await opened('memory');
    return { source, target: await opened('memory'), often: await filled(source) };
  };

  it('is refused when the target has a stream of its own', async () => {
    const { source, target } = await log();
    const own = newStream();
    await target.append(own, commitOf(['own']), 'no-stream');
    await expect(copyLog(source, target)).rejects.toThrow(`${own} differs at event 0`);
    expect(await commitsOf(target)).toHaveLength(1);
  });

  it('is refused when the target has gone on by itself', async () => {
    const { source, target, often } = await log();
    await copyLog(source, target);
    await target.append(often, commitOf(['own']), 5);
    await expect(copyLog(source, target)).rejects.toThrow(`${often} differs at event 6`);
  });

  it('calls before each commit that it appends, and for no other', async () => {
    const { source, target, often } = await log();
    await copyLog(source, target);
    await source.append(often, commitOf(['g']), 5);
    const before: string[] = [];
    await copyLog(source, target, { before: async ({ id }) => void before.push(id) });
    expect(before).toEqual([(await commitsOf(source)).at(-1)?.id]);
  });

  it('follows the source until it is told to stop', async () => {
    const { source, target, often } = await log();
    const stopping = new AbortController();
    const arrived = Promise.withResolvers<void>();
    const copying = copyLog(source, target, {
      follow: stopping.signal,
      onCommit: ({ revision, stream }) => {
        if (stream === often && revision === 6) arrived.resolve();
      },
    });
    await source.append(often, commitOf(['later']), 5);
    await arrived.promise;
    stopping.abort();
    expect(await copying).toMatchObject({ copied: 6 });
    expect(await commitsOf(target)).toEqual(await commitsOf(source));
  });
});

describe('a log that can not be kept whole', () => {
  const damaged = async (damage: (memory: MemoryLog) => void) => {
    const memory = new MemoryLog();
    const source = new MemoryEventStore(memory);
    await filled(source);
    damage(memory);
    return source;
  };
  const withHole = (memory: MemoryLog) => {
    const [commit] = [...memory.streams.values()][1] ?? [];
    if (commit === undefined) throw new Error('no commit');
    const events = commit.events.map((event) => ({ ...event, revision: event.revision + 5 }));
    memory.add({ ...commit, events, revision: commit.revision + 5 });
  };

  it.each([
    [
      'something that is no commit',
      (memory: MemoryLog) => memory.addDamage('agent-x', 'it is none'),
    ],
    ['a hole', withHole],
  ])('is refused, in copies and digests: %s', async (_, damage) => {
    const source = await damaged(damage);
    await expect(digestOfLog(source)).rejects.toThrow('is damaged at');
    await expect(copyLog(source, await opened('memory'))).rejects.toThrow('is damaged at');
  });
});

describe('the digest of a log', () => {
  const written = async (change: (commit: ReturnType<typeof commitOf>) => unknown) => {
    const store = await opened('memory');
    const commit = commitOf(['a', 'b'], ID);
    await store.append(
      STREAM,
      (change(commit) as typeof commit | undefined) ?? commit,
      'no-stream',
    );
    await store.append('agent-z', commitOf(['z'], 'z'), 'no-stream');
    return store;
  };
  const ID = randomUUID();
  const STREAM = 'agent-a';

  it('does not know in which order streams were written', async () => {
    const store = await opened('memory');
    await store.append('agent-z', commitOf(['z'], 'z'), 'no-stream');
    await store.append(STREAM, commitOf(['a', 'b'], ID), 'no-stream');
    const digest = await digestOfLog(store);
    expect(digest.summary()).toEqual((await digestOfLog(await written(() => undefined))).summary());
  });

  it.each<[string, (commit: ReturnType<typeof commitOf>) => unknown]>([
    ['the time', (commit) => commit.map((event) => ({ ...event, timeMs: 1 }))],
    ['the id', (commit) => commit.map((event) => ({ ...event, id: randomUUID() }))],
    ['the data', ([first, second]) => [{ ...first, data: { text: 'A' } }, second]],
    ['the version', (commit) => commit.map((event) => ({ ...event, version: 2 }))],
    [
      'the metadata',
      (commit) => commit.map((e) => ({ ...e, metadata: { ...e.metadata, tenant: 'other' } })),
    ],
  ])('tells when %s of an event is another, and where', async (_what, change) => {
    const [one, other] = [await written(() => undefined), await written(change)];
    const digests = [await digestOfLog(one), await digestOfLog(other)] as const;
    expect(digests[0].summary().sha256).not.toBe(digests[1].summary().sha256);
    const difference = await firstDifference(
      { store: one, streams: digests[0].streams },
      { store: other, streams: digests[1].streams },
    );
    expect(difference).toEqual({ stream: STREAM, revision: 0 });
  });
});
