import { DiscardPolicy } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, messageBusSuite, startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { ensureStream, streamManager } from '../jetstream/jetstream-streams.js';
import { headersOf } from './message-headers.js';
import type { BusMessage } from '../message-bus.port.js';
import { LeanPublisher } from './lean-publisher.js';
import { connectNats } from './nats-connection.js';
import type { NatsLink } from './nats-link.js';
import { NatsMessageBus } from './nats-message-bus.adapter.js';

const CAPACITY = 5;
let server: NatsServer;

async function opened(): Promise<{ readonly bus: NatsMessageBus; readonly link: NatsLink }> {
  const link = await connectNats({ url: server.url, name: 'test', log });
  return { link, bus: new NatsMessageBus(link, new LeanPublisher(link), log) };
}

let streams = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

messageBusSuite('on NATS', async () => {
  const { bus: one } = await opened();
  const { bus: other } = await opened();
  const { link } = await opened();
  const manager = await streamManager(link.connection);
  // Not the one of the test before: a stream that is made again soon may still have what it had.
  const name = `WORK${(streams += 1)}`;
  await ensureStream(manager, {
    name,
    subjects: ['work.>'],
    max_msgs: CAPACITY,
    discard: DiscardPolicy.New,
  });
  return {
    one,
    other,
    capacity: CAPACITY,
    async stored() {
      const { state } = await manager.streams.info(name);
      const messages: BusMessage[] = [];
      for (let seq = 1; seq <= state.last_seq; seq += 1) {
        const message = await manager.streams.getMessage(name, { seq });
        if (message === null) continue;
        const { subject } = message;
        messages.push({
          subject,
          data: message.json(),
          headers: headersOf({ headers: message.header }),
        });
      }
      return messages;
    },
    async dispose() {
      await manager.streams.delete(name);
      await Promise.all([one.close(), other.close(), link.close()]);
    },
  };
});

describe('a server that is killed and started again', () => {
  let one: { readonly bus: NatsMessageBus; readonly link: NatsLink };
  let other: { readonly bus: NatsMessageBus; readonly link: NatsLink };
  beforeEach(async () => {
    one = await opened();
    other = await opened();
  });

  it('is served and heard as before, without anyone doing something', async () => {
    const seen: unknown[] = [];
    other.bus.serve('q.a', 'all', ({ data }) => Promise.resolve(data));
    other.bus.onHint('h.a', ({ data }) => seen.push(data));
    await server.kill();
    await server.restart();
    await eventually(async () => {
      expect(await one.bus.request('q.a', 1)).toBe(1);
    });
    one.bus.hint('h.a', 2);
    await eventually(() => expect(seen).toEqual([2]));
    await Promise.all([one.bus.close(), other.bus.close()]);
  }, 10_000);

  it('fails requests that wait for an answer at once', async () => {
    other.bus.serve('q.slow', 'all', () => new Promise(() => undefined));
    await other.link.roundTrip();
    const asked = one.bus.request('q.slow', 1, { timeoutMs: 60_000 });
    await one.link.roundTrip();
    await server.kill();
    await expect(asked).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    await server.restart();
    await Promise.all([one.link, other.link].map((link) => link.whenConnected(5_000)));
    await Promise.all([one.link.close(), other.link.close()]);
  }, 10_000);
});

describe('what is no JSON', () => {
  it('is answered with an error when it is a request, and dropped when it is a hint', async () => {
    const { bus, link } = await opened();
    const seen: unknown[] = [];
    bus.serve('q.a', 'all', ({ data }) => Promise.resolve(data));
    bus.onHint('h.a', ({ data }) => seen.push(data));
    link.connection.publish('h.a', 'no json');
    const reply = await link.connection.request('q.a', 'no json');
    expect(reply.json()).toEqual({ error: { message: 'the request is no JSON', retry: 'never' } });
    expect(seen).toEqual([]);
    await bus.close();
  });
});

describe('an answer that no message holds', () => {
  it('fails its request alone, and the next one is answered', async () => {
    const [{ bus: one }, { bus: other }] = [await opened(), await opened()];
    const stop = one.serve('big', 'q', ({ data }) =>
      Promise.resolve(data === 'big' ? 'x'.repeat(2 * 1_024 * 1_024) : 'small'),
    );
    await eventually(async () => expect(await other.request('big', 'small')).toBe('small'));
    await expect(other.request('big', 'big')).rejects.toMatchObject({
      message: expect.stringContaining('more than one message holds') as unknown,
      retry: 'never',
    });
    expect(await other.request('big', 'small')).toBe('small');
    stop();
    await Promise.all([one.close(), other.close()]);
  });
});
