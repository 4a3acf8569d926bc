import { DiscardPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { ensureStream, streamManager } from '../jetstream/jetstream-streams.js';
import { LeanPublisher } from './lean-publisher.js';
import { connectNats } from './nats-connection.js';
import type { NatsLink } from './nats-link.js';

let server: NatsServer;
let link: NatsLink;
let manager: JetStreamManager;

const expecting = (sequence: number) => {
  const all = headers();
  all.set('Nats-Expected-Last-Subject-Sequence', String(sequence));
  return all;
};

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  manager = await streamManager(link.connection);
  await ensureStream(manager, { name: 'ALL', subjects: ['all.>'] });
  await ensureStream(manager, {
    name: 'FULL',
    subjects: ['full'],
    max_bytes: 600,
    discard: DiscardPolicy.New,
  });
});
afterAll(async () => {
  await link.close();
  await server.stop();
});

describe('many messages under way at once', () => {
  it('are all stored, each answered with its own place', async () => {
    const publisher = new LeanPublisher(link);
    const texts = Array.from({ length: 3_000 }, (_, n) => `message ${n}`);
    const acks = await Promise.all(texts.map((text) => publisher.publish('all.many', text)));
    for (const index of [0, 1, 1_500, 2_999]) {
      const message = await manager.streams.getMessage('ALL', { seq: acks[index]?.sequence ?? 0 });
      expect(message?.string()).toBe(texts[index]);
    }
    expect(new Set(acks.map(({ sequence }) => sequence)).size).toBe(3_000);
    publisher.close();
  });
});

describe('a message that the server refuses', () => {
  it('is a conflict, an overload or too large, and stored nowhere', async () => {
    const publisher = new LeanPublisher(link);
    const { sequence } = await publisher.publish('all.refused', 'first', expecting(0));
    await expect(publisher.publish('all.refused', 'x', expecting(0))).rejects.toMatchObject({
      name: 'SequenceConflictError',
    });
    await publisher.publish('all.refused', 'second', expecting(sequence));
    await publisher.publish('full', 'x'.repeat(400));
    const overload = { name: 'OverloadedError', retry: 'later' };
    await expect(publisher.publish('full', 'x'.repeat(400))).rejects.toMatchObject(overload);
    const tooLarge = publisher.publish('all.large', new Uint8Array(1024 * 1024 + 1));
    await expect(tooLarge).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
    expect((await manager.streams.info('FULL')).state.messages).toBe(1);
    publisher.close();
  });
});

describe('a message whose ack does not come', () => {
  const unknown = { name: 'WorldError', retry: 'later' };

  it('fails when its time is over, not before, and the next ones are judged by their own', async () => {
    const clock = new ManualClock();
    const publisher = new LeanPublisher(link, { ackTimeoutMs: 1_000, clock });
    // Somebody subscribes and never answers, so that the server sends no "no responders" either.
    const deaf = link.connection.subscribe('deaf');
    const failed: string[] = [];
    const publish = (name: string) =>
      publisher.publish('deaf', name).catch((error: unknown) => {
        failed.push(name);
        return error;
      });
    const first = publish('first');
    await clock.advance(900);
    const second = publish('second');
    await clock.advance(99);
    expect(failed).toEqual([]);
    await clock.advance(101);
    expect(failed).toEqual(['first']);
    await clock.advance(1_000);
    expect(failed).toEqual(['first', 'second']);
    expect(await first).toMatchObject(unknown);
    expect(await second).toMatchObject(unknown);
    deaf.unsubscribe();
    publisher.close();
  });

  it('fails at once when the connection is lost, and messages after that wait for it', async () => {
    const own = await connectNats({ url: server.url, name: 'test', log });
    const publisher = new LeanPublisher(own, { ackTimeoutMs: 60_000 });
    own.connection.subscribe('deaf');
    const waiting = publisher.publish('deaf', 'x');
    await own.roundTrip();
    await server.kill();
    await expect(waiting).rejects.toMatchObject(unknown);
    const later = publisher.publish('all.later', 'x');
    await server.restart();
    await expect(later).resolves.toMatchObject({ duplicate: false });
    const last = publisher.publish('deaf', 'x');
    publisher.close();
    await expect(last).rejects.toMatchObject(unknown);
    await own.close();
  });
});

describe('a message that is not to be sent after its time', () => {
  it('is sent in it, and never once the connection comes back later', async () => {
    const own = await connectNats({ url: server.url, name: 'test', log });
    const clock = new ManualClock();
    const publisher = new LeanPublisher(own, { ackTimeoutMs: 60_000, clock });
    const publish = (text: string) =>
      publisher.publish('all.timely', text, undefined, clock.monotonicMs() + 1_000);
    const { sequence } = await publish('in time');
    const lost = new Promise<void>((resolve) => void own.onLost(resolve));
    await server.kill();
    await lost;
    const late = publish('late');
    await clock.advance(1_001);
    await server.restart();
    await expect(late).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    const { streams } = await streamManager(own.connection);
    const newest = await streams.getMessage('ALL', { last_by_subj: 'all.timely' });
    expect(newest?.seq).toBe(sequence);
    publisher.close();
    await own.close();
  });
});
