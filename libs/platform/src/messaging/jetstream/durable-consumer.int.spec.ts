import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JetStreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { eventually, ManualClock, startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';
import { LeanPublisher } from '../nats/lean-publisher.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import { DeadLetters } from './dead-letters.js';
import {
  DurableConsumer,
  type DurableConsumerOptions,
  type DurableMessage,
} from './durable-consumer.js';
import { ensureStreams, streamManager } from './jetstream-streams.js';

let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;
let manager: JetStreamManager;
let consumers: DurableConsumer[];
let context: string;
let contexts = 0;

type Handler = (message: DurableMessage) => Promise<void>;

function consume(handle: Handler, options: Partial<DurableConsumerOptions> = {}): DurableConsumer {
  const consumer = new DurableConsumer(
    link,
    {
      stream: 'CMD',
      durable: context,
      filter: `cmd.${context}.*`,
      backoffMs: () => 1,
      deadLetters: new DeadLetters(publisher, log),
      log,
      ...options,
    },
    handle,
  );
  consumer.start();
  consumers.push(consumer);
  return consumer;
}

const send = (type: string, data: unknown) =>
  publisher.publish(`cmd.${context}.${type}`, JSON.stringify(data));
const deadLetter = (type: string) =>
  manager.streams.getMessage('DEAD', { last_by_subj: `dead.cmd.${context}.${type}` });
/** Not at once with an answered `send`: none may be left because none has come yet. */
const left = async () => {
  const info = await manager.consumers.info('CMD', context);
  return info.num_pending + info.num_ack_pending;
};

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  publisher = new LeanPublisher(link);
  manager = await streamManager(link.connection);
  await ensureStreams(link.connection);
});
beforeEach(() => {
  consumers = [];
  context = `context${(contexts += 1)}`;
});
afterEach(() => Promise.all(consumers.map((consumer) => consumer.stop())));
afterAll(async () => {
  publisher.close();
  await link.close();
  await server.stop();
});

describe('a message', () => {
  it('reaches the handler whole and is gone after that', async () => {
    const seen: DurableMessage[] = [];
    consume((message) => Promise.resolve(void seen.push(message)));
    const withHeader = headers();
    withHeader.set('Skynet-Reply', 'inbox');
    await publisher.publish(`cmd.${context}.Do`, '{"text":"ключ"}', withHeader);
    await eventually(async () => expect([seen.length, await left()]).toEqual([1, 0]));
    expect(seen[0]).toMatchObject({
      subject: `cmd.${context}.Do`,
      data: { text: 'ключ' },
      headers: { 'Skynet-Reply': 'inbox' },
      attempt: 1,
    });
  });

  it('that was sent before anyone consumed is handled later', async () => {
    await send('Do', 1);
    const seen: unknown[] = [];
    consume(({ data }) => Promise.resolve(void seen.push(data)));
    await eventually(() => expect(seen).toEqual([1]));
  });

  it('is handled by one replica only', async () => {
    const seen: unknown[] = [];
    for (let replicas = 0; replicas < 3; replicas += 1) {
      consume(({ data }) => Promise.resolve(void seen.push(data)));
    }
    await Promise.all(Array.from({ length: 100 }, (_, n) => send('Do', n)));
    await eventually(async () => expect([new Set(seen).size, await left()]).toEqual([100, 0]));
    expect(seen).toHaveLength(100);
  });

  it('waits while as many as allowed are under way', async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    const full = Promise.withResolvers<void>();
    const handle = async () => {
      running += 1;
      most = Math.max(most, running);
      if (running === 3) full.resolve();
      await full.promise;
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done += 1;
    };
    consume(handle, { concurrency: 3 });
    await Promise.all(Array.from({ length: 50 }, (_, n) => send('Do', n)));
    await eventually(() => expect(done).toBe(50));
    expect(most).toBe(3);
  });

  it('stays with its handler however long that takes', async () => {
    const said: string[] = [];
    const answers = link.connection.subscribe(`$JS.ACK.CMD.${context}.>`, {
      callback: (_error, message) => void said.push(message.string()),
    });
    const clock = new ManualClock();
    const finish = Promise.withResolvers<void>();
    let attempts = 0;
    const handle = async () => {
      attempts += 1;
      await finish.promise;
    };
    // By the server's clock it is not late however slow this machine is: what counts is that it hears of it in time.
    const ackWaitMs = 60_000;
    consume(handle, { ackWaitMs, clock });
    await send('Do', 1);
    await eventually(() => expect(attempts).toBe(1));
    for (let times = 1; times <= 3; times += 1) {
      await clock.advance(ackWaitMs / 3);
      await eventually(() => expect(said).toEqual(Array.from({ length: times }, () => '+WPI')));
    }
    finish.resolve();
    await eventually(async () => expect(await left()).toBe(0));
    await clock.advance(ackWaitMs);
    await link.connection.flush();
    expect(said).toEqual(['+WPI', '+WPI', '+WPI', expect.not.stringMatching('WPI')]);
    answers.unsubscribe();
  });
});

describe('a message whose handler fails', () => {
  it('is tried again until it succeeds', async () => {
    const attempts: number[] = [];
    consume(({ attempt }) => {
      attempts.push(attempt);
      return attempt < 3 ? Promise.reject(new WorldError('busy', 'later')) : Promise.resolve();
    });
    await send('Do', 1);
    await eventually(async () => expect([attempts, await left()]).toEqual([[1, 2, 3], 0]));
    expect(await deadLetter('Do')).toBeNull();
  });

  it('is a dead letter after the last try, with the reason, and never tried again', async () => {
    const attempts: number[] = [];
    const handle: Handler = ({ attempt }) => {
      attempts.push(attempt);
      return Promise.reject(new Error('line one\r\nline two'));
    };
    consume(handle, { maxDeliver: 3 });
    await send('Do', { id: 7 });
    await eventually(async () => expect([attempts, await left()]).toEqual([[1, 2, 3], 0]));
    const letter = await deadLetter('Do');
    expect(letter?.json()).toEqual({ id: 7 });
    expect(letter?.header.get('Skynet-Reason')).toBe('line one line two');
    expect(letter?.header.get('Skynet-Attempts')).toBe('3');
    expect(letter?.header.get('Skynet-Subject')).toBe(`cmd.${context}.Do`);
  });

  it('is a dead letter at once when trying again can not help', async () => {
    let attempts = 0;
    consume(() => {
      attempts += 1;
      return Promise.reject(new WorldError('nonsense', 'never'));
    });
    await send('Do', 1);
    await eventually(async () => expect(await deadLetter('Do')).not.toBeNull());
    expect(attempts).toBe(1);
  });

  it('keeps what its sender wrote in headers, but no order to the server', async () => {
    consume(() => Promise.reject(new WorldError('nonsense', 'never')));
    const all = headers();
    all.set('Skynet-Reply', 'inbox');
    all.set('Nats-Expected-Last-Subject-Sequence', '0');
    await publisher.publish(`cmd.${context}.Do`, '1', all);
    await eventually(async () => {
      expect((await deadLetter('Do'))?.header.get('Skynet-Reply')).toBe('inbox');
    });
    await publisher.publish(`cmd.${context}.Do`, '2');
    await eventually(async () => expect((await deadLetter('Do'))?.json()).toBe(2));
  });
});

describe('a message that is no JSON', () => {
  it('is a dead letter that no handler has seen', async () => {
    let attempts = 0;
    consume(() => Promise.resolve(void (attempts += 1)));
    await publisher.publish(`cmd.${context}.Bad`, '{"half":');
    await publisher.publish(`cmd.${context}.Worse`, new Uint8Array([0xff, 0xfe]));
    await eventually(async () => {
      expect((await deadLetter('Bad'))?.header.get('Skynet-Reason')).toMatch('no JSON');
      expect((await deadLetter('Worse'))?.data).toEqual(new Uint8Array([0xff, 0xfe]));
      expect(await left()).toBe(0);
    });
    expect(attempts).toBe(0);
  });
});

describe('a dead letter that can not be stored', () => {
  it('stays where it is until it can', async () => {
    const attempts: number[] = [];
    consume(({ attempt }) => {
      attempts.push(attempt);
      return Promise.reject(new WorldError('nonsense', 'never'));
    });
    await manager.streams.delete('DEAD');
    await send('Do', 1);
    await eventually(() => expect(attempts).toEqual([1]));
    expect(await left()).toBe(1);
    await ensureStreams(link.connection);
    await eventually(async () => expect(await deadLetter('Do')).not.toBeNull(), 9_000);
    await eventually(async () => expect(await left()).toBe(0));
  }, 15_000);
});

describe('a consumer that stops', () => {
  it('finishes what is under way and takes nothing new', async () => {
    const finishes: (() => void)[] = [];
    const seen: unknown[] = [];
    const leaving = consume(async ({ data }) => {
      await new Promise<void>((resolve) => finishes.push(resolve));
      seen.push(data);
    });
    await send('Do', 'under way');
    await eventually(() => expect(finishes).toHaveLength(1));
    const stopped = leaving.stop();
    await send('Do', 'new');
    for (const finish of finishes) finish();
    await stopped;
    expect(seen).toEqual(['under way']);
    await eventually(async () => expect(await left()).toBe(1));
  });

  it('waits no longer than its limit, and leaves what is unfinished to others', async () => {
    let attempts = 0;
    const stuck = () => {
      attempts += 1;
      return new Promise<void>(() => undefined);
    };
    const leaving = consume(stuck, { drainMs: 50, ackWaitMs: 500 });
    await send('Do', 1);
    await eventually(() => expect(attempts).toBe(1));
    await leaving.stop();
    const seen: number[] = [];
    consume(({ attempt }) => Promise.resolve(void seen.push(attempt)), { ackWaitMs: 500 });
    await eventually(() => expect(seen).toEqual([2]));
  });
});

describe('a server that is killed and started again', () => {
  it('has every message handled', async () => {
    const seen = new Set<unknown>();
    consume(({ data }) => Promise.resolve(void seen.add(data)), { ackWaitMs: 1_000 });
    await Promise.all(Array.from({ length: 50 }, (_, n) => send('Do', n)));
    await server.kill();
    await server.restart();
    await link.whenConnected(5_000);
    await Promise.all(Array.from({ length: 50 }, (_, n) => send('Do', n + 50)));
    await eventually(async () => expect([seen.size, await left()]).toEqual([100, 0]), 9_000);
  }, 15_000);
});
