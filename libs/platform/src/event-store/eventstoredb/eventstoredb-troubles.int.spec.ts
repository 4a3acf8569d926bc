import { afterEach, describe, expect, it } from '@jest/globals';
import { KurrentDBClient, jsonEvent } from '@kurrent/kurrentdb-client';
import {
  CollectedCommits,
  commitOf,
  eventually,
  newStream,
  recordingLogger,
  startEventStoreDouble,
  textsOf,
  type EventStoreDouble,
  type EventStoreDoubleOptions,
} from '@skynet/testing';
import { silentLogger } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import { EventStoreDbEventStore } from './eventstoredb-event-store.adapter.js';
import type { EventStoreDbOptions } from './kurrent-connection.js';

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function started(options: EventStoreDoubleOptions = {}): Promise<EventStoreDouble> {
  const double = await startEventStoreDouble(options);
  closing.push(() => double.stop());
  return double;
}

async function opened(
  { connectionString }: EventStoreDouble,
  options: Partial<EventStoreDbOptions> = {},
): Promise<EventStoreDbEventStore> {
  const url = new Secret(connectionString);
  const store = await EventStoreDbEventStore.open({ url, log: silentLogger, ...options });
  closing.push(() => store.close());
  return store;
}

/** Another program on the same server. */
function otherClient({ connectionString }: EventStoreDouble): KurrentDBClient {
  const client = KurrentDBClient.connectionString(`${connectionString}&discoveryInterval=20`);
  closing.push(() => client.dispose());
  return client;
}

const callsOf = ({ calls }: EventStoreDouble) => Object.fromEntries(calls);

describe('what the store asks of the server', () => {
  it('is one call for each append, however it ends up expecting its revision', async () => {
    const double = await started({ batchAppend: false });
    const store = await opened(double);
    const before = callsOf(double)['Streams/Read'] ?? 0;
    const stream = newStream();
    await store.append(stream, commitOf(['a']), 'no-stream');
    await store.append(stream, commitOf(['b', 'c']), 0);
    await store.append(stream, commitOf(['d']), 2);
    expect(callsOf(double)).toMatchObject({ 'Streams/Append': 3, 'Streams/Read': before });
  });

  it('is one long call for all appends where the server can', async () => {
    const double = await started();
    const store = await opened(double);
    await Promise.all(
      Array.from({ length: 100 }, () => store.append(newStream(), commitOf(['a']), 'no-stream')),
    );
    expect(callsOf(double)).toMatchObject({ 'Streams/BatchAppend': 1 });
    expect(callsOf(double)).not.toHaveProperty('Streams/Append');
  });
});

describe.each([{ batchAppend: true }, { batchAppend: false }])('an append, %j, whose', (mode) => {
  it('answer is lost stands once and answers as if it had come', async () => {
    const double = await started({ ...mode, knowsRepeats: false });
    const store = await opened(double);
    const stream = newStream();
    await store.append(stream, commitOf(['a']), 'no-stream');
    double.behaviour.brokenAppends = 1;
    expect(await store.append(stream, commitOf(['b', 'c']), 0)).toMatchObject({ revision: 2 });
    expect(textsOf(await store.read(stream))).toEqual(['a', 'b', 'c']);
  });

  it('answer never comes stands once, too', async () => {
    const double = await started({ ...mode, knowsRepeats: false });
    const store = await opened(double, { callTimeoutMs: 200 });
    const stream = newStream();
    double.behaviour.silentAppends = 1;
    expect(await store.append(stream, commitOf(['a']), 'no-stream')).toMatchObject({ revision: 0 });
    expect(await store.read(stream)).toHaveLength(1);
  });

  it('answer never comes fails after two seconds, and is recognised when it is tried again', async () => {
    const double = await started({ ...mode, knowsRepeats: false });
    const store = await opened(double);
    const stream = newStream();
    const commit = commitOf(['a']);
    double.behaviour.silentAppends = 1;
    const startedMs = performance.now();
    const failed = store.append(stream, commit, 'no-stream');
    await expect(failed).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(await store.append(stream, commit, 'no-stream')).toMatchObject({ revision: 0 });
    expect(await store.read(stream)).toHaveLength(1);
  });

  it('server is slow waits, and gives up in time without saying that it failed', async () => {
    const double = await started(mode);
    const patient = await opened(double);
    const hasty = await opened(double, { callTimeoutMs: 100, patienceMs: 0 });
    const stream = newStream();
    double.behaviour.delayMs = 300;
    const commit = commitOf(['a']);
    const late = hasty.append(stream, commit, 'no-stream');
    await expect(late).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    expect(await patient.append(stream, commit, 'no-stream')).toMatchObject({ revision: 0 });
    expect(await patient.read(stream)).toHaveLength(1);
  });
});

describe('a server', () => {
  it('is waited for when it starts later than the service', async () => {
    const double = await started();
    double.stop();
    const { log, lines } = recordingLogger();
    const opening = opened(double, { log });
    await eventually(() => expect(JSON.stringify(lines)).toContain('waiting for EventStoreDB'));
    await double.restart();
    const store = await opening;
    expect(await store.head()).toBeUndefined();
  });

  it('that never starts is an error that says what to check', async () => {
    const double = await started();
    double.stop();
    const never = opened(double, { startTimeoutMs: 100 });
    await expect(never).rejects.toThrow('EVENT_STORE_URL');
    await expect(never).rejects.toMatchObject({ retry: 'later' });
  });

  it('that restarts under load loses no acknowledged append, and subscriptions have no gap', async () => {
    const double = await started();
    const store = await opened(double);
    const seen = new CollectedCommits();
    await store.subscribe({ prefix: 'agent-' }, seen.handler);
    const acknowledged: string[] = [];
    let stopped = false;
    const write = async () => {
      while (!stopped) {
        const stream = newStream();
        await store.append(stream, commitOf(['a', 'b', 'c']), 'no-stream');
        acknowledged.push(stream);
      }
    };
    const writers = Array.from({ length: 32 }, write);
    for (let restarts = 0; restarts < 3; restarts += 1) {
      await seen.until(seen.commits.length + 100);
      double.stop();
      await double.restart();
    }
    await seen.until(seen.commits.length + 100);
    stopped = true;
    await Promise.all(writers);
    await seen.until(acknowledged.length);
    const streams = seen.commits.map(({ stream }) => stream);
    expect(new Set(streams)).toEqual(new Set(acknowledged));
    expect(streams).toHaveLength(acknowledged.length);
    expect(seen.commits.every(({ events }) => events.length === 3)).toBe(true);
  }, 30_000);

  it('that is no leader is asked again until one is elected', async () => {
    const double = await started();
    const store = await opened(double);
    const stream = newStream();
    await store.append(stream, commitOf(['a']), 'no-stream');
    double.behaviour.leaderPort = double.port;
    const appending = store.append(stream, commitOf(['b']), 0);
    const reading = store.read(stream, { max: 1 });
    const calls = callsOf(double)['Streams/Read'] ?? 0;
    await eventually(() => expect(callsOf(double)['Streams/Read']).toBeGreaterThan(calls + 1));
    double.behaviour.leaderPort = undefined;
    expect(await appending).toMatchObject({ revision: 1 });
    expect(textsOf(await reading)).toEqual(['a']);
  });

  it('that is no leader sends appends and reads to the one that is', async () => {
    const [follower, leader] = [await started(), await started()];
    const store = await opened(follower);
    follower.behaviour.leaderPort = leader.port;
    const stream = newStream();
    await store.append(stream, commitOf(['a']), 'no-stream');
    expect(textsOf(await store.read(stream))).toEqual(['a']);
    expect(textsOf(await (await opened(leader)).read(stream))).toEqual(['a']);
  });
});

describe('a subscription that the server drops', () => {
  it('goes on behind the last commit, without a gap and without a double', async () => {
    const double = await started();
    const { log, lines } = recordingLogger();
    const store = await opened(double, { log });
    const seen = new CollectedCommits();
    const subscription = await store.subscribe({}, seen.handler);
    for (let count = 0; count < 5; count += 1) {
      await store.append(newStream(), commitOf([`${count}a`, `${count}b`]), 'no-stream');
      await seen.until(count + 1);
      double.dropSubscriptions();
    }
    await store.append(newStream(), commitOf(['last']), 'no-stream');
    await seen.until(6);
    expect(seen.texts).toEqual('0a 0b 1a 1b 2a 2b 3a 3b 4a 4b last'.split(' '));
    expect(JSON.stringify(lines)).toContain('subscription dropped');
    await subscription.stop();
    await expect(subscription.closed).resolves.toBeUndefined();
  });

  it('can be stopped while it waits to come back', async () => {
    const double = await started();
    const store = await opened(double);
    const subscription = await store.subscribe({}, () => undefined);
    await subscription.caughtUp;
    double.stop();
    await subscription.stop();
    await expect(subscription.closed).resolves.toBeUndefined();
  });
});

describe('a log that others write to as well', () => {
  it('delivers and counts only our commits', async () => {
    const double = await started();
    const other = otherClient(double);
    const store = await opened(double);
    const foreign = () => jsonEvent({ type: 'OrderPlaced', data: {} });
    await other.appendToStream('orders', foreign(), { streamState: 'no_stream' });
    await other.appendToStream('$stats-0', foreign(), { streamState: 'no_stream' });
    await other.appendToStream('agent-theirs', foreign(), { streamState: 'no_stream' });
    const seen = new CollectedCommits();
    await (
      await store.subscribe({}, seen.handler)
    ).caughtUp;
    const { position } = await store.append(newStream(), commitOf(['a']), 'no-stream');
    await other.appendToStream('$stats-0', foreign(), { streamState: 0n });
    await seen.until(1);
    expect(seen.texts).toEqual(['a']);
    expect(await store.head()).toBe(position);
  });

  it('has no stream of ours with an event of theirs', async () => {
    const double = await started();
    const theirs = jsonEvent({ type: 'OrderPlaced', data: {} });
    await otherClient(double).appendToStream('agent-x', theirs, { streamState: 'no_stream' });
    const reading = (await opened(double)).read('agent-x');
    await expect(reading).rejects.toMatchObject({
      name: 'DamagedStreamError',
      stream: 'agent-x',
      retry: 'never',
    });
  });
});

describe('a stream that an operator deleted', () => {
  it('is read as none, and can not be written, for good', async () => {
    const double = await started();
    const store = await opened(double);
    const stream = newStream();
    await store.append(stream, commitOf(['a']), 'no-stream');
    double.deleteStream(stream);
    const never = {
      name: 'WorldError',
      retry: 'never',
      message: expect.stringContaining('deleted'),
    };
    expect(await store.read(stream)).toEqual([]);
    await expect(store.append(stream, commitOf(['b']), 0)).rejects.toMatchObject(never);
    await expect(store.append(stream, commitOf(['b']), 'no-stream')).rejects.toMatchObject(never);
  });
});

describe('an event without a UUID', () => {
  it('is refused before it is sent, so that other appends are not hit', async () => {
    const store = await opened(await started());
    const commit = commitOf(['a']).map((event) => ({ ...event, id: 'one' }));
    await expect(store.append(newStream(), commit, 'no-stream')).rejects.toThrow('not a UUID');
  });
});

describe.each([{ batchAppend: true }, { batchAppend: false }])(
  'a probe of the server, %j,',
  (mode) => {
    it('fails while no append can succeed, and stores nothing', async () => {
      const double = await started(mode);
      const store = await opened(double, { callTimeoutMs: 300 });
      await store.probe();
      double.stop();
      await expect(store.probe()).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
      await double.restart();
      await eventually(() => store.probe(), 10_000);
      expect(await store.head()).toBeUndefined();
      expect(await store.read('skynet-probe')).toEqual([]);
    }, 40_000);
  },
);

describe('a server that is found by discovery', () => {
  const discovered = async (options: Partial<EventStoreDbOptions> = {}) => {
    const double = await started();
    const url = new Secret(double.discoverString);
    const { log, lines } = recordingLogger();
    const store = await EventStoreDbEventStore.open({ url, log, ...options });
    closing.push(() => store.close());
    return { double, store, lines };
  };

  it('takes appends, reads and subscriptions again after it was away at the first append', async () => {
    const { double, store } = await discovered({ patienceMs: 100 });
    const seen = new CollectedCommits();
    const subscription = await store.subscribe({}, seen.handler);
    await subscription.caughtUp;
    double.stop();
    const stream = newStream();
    const lost = store.append(stream, commitOf(['a']), 'no-stream');
    await expect(lost).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    await double.restart();
    await eventually(async () => {
      await store.append(stream, commitOf(['a']), 'no-stream');
    }, 10_000);
    expect(textsOf(await store.read(stream))).toEqual(['a']);
    await eventually(() => expect(seen.commits).toHaveLength(1), 10_000);
  }, 40_000);

  it('is away in one line, and back in one, however many calls fail', async () => {
    const { double, store, lines } = await discovered({ patienceMs: 100, callTimeoutMs: 500 });
    double.stop();
    const calls = Array.from({ length: 50 }, () =>
      store.append(newStream(), commitOf(['a']), 'no-stream'),
    );
    await Promise.allSettled(calls);
    await double.restart();
    await eventually(async () => {
      await store.append(newStream(), commitOf(['a']), 'no-stream');
    }, 10_000);
    const count = (text: string) => lines.filter(({ message }) => message === text).length;
    expect(count('EventStoreDB does not answer')).toBe(1);
    expect(count('EventStoreDB answers again')).toBe(1);
  }, 40_000);
});
