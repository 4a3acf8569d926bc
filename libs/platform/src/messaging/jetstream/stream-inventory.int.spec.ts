import { AckPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { MsgHdrsImpl } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { LeanPublisher } from '../nats/lean-publisher.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import { ensureStreams, streamManager } from './jetstream-streams.js';
import { isHeard, listStreams, remakeStreams } from './stream-inventory.js';

let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  publisher = new LeanPublisher(link);
  manager = await streamManager(link.connection);
});
afterAll(async () => {
  publisher.close();
  await link.close();
  await server.stop();
});
beforeEach(() => remakeStreams(link, []));

const runs = async () => (await listStreams(link)).find(({ name }) => name === 'RUN');

/** The stream that was there before may still refuse what the new one has stored, and then it is sent once more. */
async function publish(subject: string): Promise<void> {
  await publisher.publish(subject, '{}', MsgHdrsImpl.fromRecord({ 'Nats-Msg-Id': [subject] }));
}

describe('the streams of a system', () => {
  it('are listed with what they hold', async () => {
    await publisher.publish('run.default.one', '{}');
    await publisher.publish('run.default.two', '{}');
    const names = (await listStreams(link)).map(({ name }) => name);
    expect(names).toEqual(['AUDIT', 'CMD', 'DEAD', 'HEALTH', 'RUN']);
    expect(await runs()).toMatchObject({
      messages: 2,
      firstSequence: 1,
      lastSequence: 2,
      stuck: 0,
    });
  });

  it('are made anew and empty', async () => {
    await publisher.publish('run.default.one', '{}');
    await remakeStreams(link, ['RUN']);
    expect(await runs()).toMatchObject({ messages: 0, lastSequence: 0 });
    await ensureStreams(link.connection);
    expect((await manager.streams.info('RUN')).config.retention).toBe('workqueue');
  });

  it('have nothing stuck while a consumer still has or gets all of it', async () => {
    await remakeStreams(link, ['RUN']);
    await manager.consumers.add('RUN', { durable_name: 'one', ack_policy: AckPolicy.Explicit });
    await publish('run.default.one');
    expect(await runs()).toMatchObject({ messages: 1, stuck: 0 });
  });

  it('have stuck what no consumer is for', async () => {
    await remakeStreams(link, ['RUN']);
    const filter_subject = 'run.default.*';
    await manager.consumers.add('RUN', {
      durable_name: 'one',
      ack_policy: AckPolicy.Explicit,
      filter_subject,
    });
    await publish('run.default.one');
    await publish('run.other.two');
    expect(await runs()).toMatchObject({ messages: 2, stuck: 1 });
  });
});

describe('whether somebody listens', () => {
  it('is told also of who does not answer', async () => {
    const deaf = link.connection.subscribe('somebody');
    await link.roundTrip();
    expect([await isHeard(link, 'somebody'), await isHeard(link, 'nobody')]).toEqual([true, false]);
    deaf.unsubscribe();
  });
});
