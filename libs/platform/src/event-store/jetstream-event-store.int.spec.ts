import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CollectedCommits,
  commitOf,
  eventStoreSuite,
  newStream,
  startNatsServer,
  textsOf,
  type NatsServer,
} from '@skynet/testing';
import { LeanPublisher, type LeanPublisherOptions } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import { silentLogger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import { JetStreamEventStore } from './jetstream-event-store.adapter.js';

const log = silentLogger;
let server: NatsServer;
let logs = 0;
const closing: (() => Promise<void>)[] = [];

interface Opened {
  readonly store: JetStreamEventStore;
  readonly link: NatsLink;
  close(): Promise<void>;
}

/** What one process opens. */
async function opened(
  logNumber: number,
  { keepsAll, ...options }: LeanPublisherOptions & { readonly keepsAll?: boolean } = {},
): Promise<Opened> {
  const link = await connectNats({ url: server.url, name: 'test', log });
  const publisher = new LeanPublisher(link, options);
  const store = await JetStreamEventStore.open(link, publisher, {
    logStream: `LOG${logNumber}`,
    prefix: `log${logNumber}`,
    log,
    ...(keepsAll !== undefined && { keepsAll }),
  });
  const close = async () => {
    await store.close();
    publisher.close();
    await link.close();
  };
  closing.push(close);
  return { store, link, close };
}

/** Time-outs fall due before the network is read again. */
const beforeAnyAck: Clock = {
  ...systemClock,
  timer: (_afterMs, callback) => {
    const handle = setImmediate(callback);
    return () => clearImmediate(handle);
  },
};

const newLog = () => (logs += 1);
const disposeAll = async () => {
  for (const close of closing.splice(0)) await close();
};

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(disposeAll);
afterAll(() => server.stop());

eventStoreSuite('on JetStream', async () => {
  const logNumber = newLog();
  let current = await opened(logNumber);
  const reopen = async () => {
    await current.close();
    current = await opened(logNumber);
    return current.store;
  };
  const damage = async (stream: string) => {
    const subject = `log${logNumber}.${stream.replace('-', '.')}`;
    await current.link.connection.request(subject, 'no commit');
  };
  return { store: current.store, reopen, damage, dispose: disposeAll };
});

describe('a log that keeps all', () => {
  it('refuses to delete a stream, also when a release opens it that would make one that does not', async () => {
    const logNumber = newLog();
    const keeping = await opened(logNumber, { keepsAll: true });
    const stream = newStream();
    await keeping.store.append(stream, commitOf(['a']), 'no-stream');
    for (const { store } of [keeping, await opened(logNumber)]) {
      await expect(store.deleteStream(stream, 0)).rejects.toMatchObject({
        name: 'WorldError',
        retry: 'never',
      });
      expect(await store.read(stream)).toHaveLength(1);
      await expect(store.deleteStream(newStream(), 0)).rejects.toMatchObject({ retry: 'never' });
    }
  });
});

describe('two processes that write the same stream in turn', () => {
  it('both append rightly, however stale what they remember of its tail', async () => {
    const logNumber = newLog();
    const one = (await opened(logNumber)).store;
    const other = (await opened(logNumber)).store;
    const stream = newStream();
    await one.append(stream, commitOf(['0']), 'no-stream');
    for (let revision = 0; revision < 10; revision += 1) {
      const [writer, late] = revision % 3 === 0 ? [one, other] : [other, one];
      await writer.append(stream, commitOf([`${revision + 1}`]), revision);
      const stale = late.append(stream, commitOf(['never']), revision);
      await expect(stale).rejects.toMatchObject({ actual: revision + 1 });
    }
    expect(textsOf(await one.read(stream))).toEqual(Array.from({ length: 11 }, (_, n) => `${n}`));
  });
});

describe('what the store asks of the server', () => {
  async function countedReads(opened: Opened): Promise<() => Promise<number>> {
    let count = 0;
    opened.link.connection.subscribe('$JS.API.DIRECT.GET.>', {
      callback: () => {
        count += 1;
      },
    });
    await opened.link.roundTrip();
    return async () => {
      await opened.link.roundTrip();
      return count;
    };
  }

  it('is no read before an append where it knows the tail', async () => {
    const opening = await opened(newLog());
    const reads = await countedReads(opening);
    const stream = newStream();
    await opening.store.append(stream, commitOf(['a']), 'no-stream');
    await opening.store.append(stream, commitOf(['b']), 0);
    await opening.store.append(stream, commitOf(['c', 'd']), 1);
    expect(await reads()).toBe(0);
    await opening.store.read(stream);
    await opening.store.append(stream, commitOf(['e']), 3);
    expect(await reads()).toBe(3);
  });

  it('is only as much of a stream as is wanted', async () => {
    const opening = await opened(newLog());
    const stream = newStream();
    for (let revision = 0; revision < 10; revision += 1) {
      const expected = revision === 0 ? 'no-stream' : revision - 1;
      await opening.store.append(stream, commitOf([`${revision}`]), expected);
    }
    const reads = await countedReads(opening);
    await opening.store.read(stream, { from: 8 });
    expect(await reads()).toBe(2);
    await opening.store.read(stream, { backwards: true, max: 1 });
    expect(await reads()).toBe(3);
  });
});

describe('an append whose ack was lost', () => {
  it('is recognised on a retry by the next process', async () => {
    const logNumber = newLog();
    const stream = newStream();
    const commit = commitOf(['a', 'b']);
    const dying = await opened(logNumber);
    const lost = dying.store.append(stream, commit, 'no-stream');
    // It may still hear of it, while its connection closes.
    const heard = lost.catch((error: unknown) => error);
    await dying.link.close();
    const { retry, revision } = (await heard) as { retry?: string; revision?: number };
    expect(retry === 'later' || revision === 1).toBe(true);
    const next = (await opened(logNumber)).store;
    const result = await next.append(stream, commit, 'no-stream');
    expect(result.revision).toBe(1);
    expect(await next.append(stream, commit, 'no-stream')).toEqual(result);
    expect(textsOf(await next.read(stream))).toEqual(['a', 'b']);
  });

  it('answers as if the ack had come when it is found in the log', async () => {
    const { store } = await opened(newLog(), { ackTimeoutMs: 0, clock: beforeAnyAck });
    const stream = newStream();
    const results = [];
    for (let count = 0; count < 5; count += 1) {
      const expected = count === 0 ? 'no-stream' : count - 1;
      results.push(await store.append(stream, commitOf([`${count}`]), expected));
    }
    expect(results.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
    expect(await store.read(stream)).toHaveLength(5);
  });
});

describe('a commit over the size of a message', () => {
  it('is refused for good', async () => {
    const { store } = await opened(newLog());
    const huge = store.append(newStream(), commitOf(['x'.repeat(1024 * 1024)]), 'no-stream');
    await expect(huge).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
    await expect(huge).rejects.toThrow('1048576');
  });
});

describe('a server that is killed and started again under load', () => {
  it('loses no acknowledged append, and subscriptions go on without a gap', async () => {
    const logNumber = newLog();
    const { store } = await opened(logNumber);
    const reading = (await opened(logNumber)).store;
    const seen = new CollectedCommits();
    const subscription = await reading.subscribe({ prefix: 'agent-' }, seen.handler);
    const acknowledged: string[] = [];
    let stopped = false;
    const write = async () => {
      while (!stopped) {
        const stream = newStream();
        const commit = commitOf([stream]);
        await appendAgain(store, stream, commit);
        acknowledged.push(stream);
      }
    };
    const writers = Array.from({ length: 8 }, write);
    for (let kills = 0; kills < 3; kills += 1) {
      await seen.until(seen.commits.length + 200);
      await server.kill();
      await server.restart();
    }
    await seen.until(seen.commits.length + 200);
    stopped = true;
    await Promise.all(writers);
    await seen.until(acknowledged.length);
    const streams = seen.commits.map(({ stream }) => stream);
    expect(new Set(streams)).toEqual(new Set(acknowledged));
    expect(streams).toHaveLength(acknowledged.length);
    await subscription.stop();
  }, 60_000);
});

async function appendAgain(
  store: JetStreamEventStore,
  stream: string,
  commit: ReturnType<typeof commitOf>,
): Promise<void> {
  for (;;) {
    try {
      await store.append(stream, commit, 'no-stream');
      return;
    } catch (error) {
      if (!(error instanceof WorldError) || error.retry === 'never') throw error;
    }
  }
}

describe('a log that is followed with its own commits as they were sent', () => {
  it('marks those of this process, and no others', async () => {
    const logNumber = newLog();
    const [own, other] = [await opened(logNumber), await opened(logNumber)];
    const [asSent, asStored] = [new CollectedCommits(), new CollectedCommits()];
    await own.store.subscribe({ ownAsSent: true }, asSent.handler);
    await own.store.subscribe({}, asStored.handler);
    await own.store.append(newStream(), commitOf(['a'], 'mine'), 'no-stream');
    await other.store.append(newStream(), commitOf(['b'], 'theirs'), 'no-stream');
    await Promise.all([asSent.until(2), asStored.until(2)]);
    const ownsOf = ({ commits }: CollectedCommits) => commits.map(({ id, isOwn }) => [id, isOwn]);
    expect(ownsOf(asSent)).toEqual([
      ['mine', true],
      ['theirs', undefined],
    ]);
    expect(ownsOf(asStored).map(([, isOwn]) => isOwn)).toEqual([undefined, undefined]);
  });
});
