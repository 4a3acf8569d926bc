import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { JetStreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { eventually, startNatsServer, type NatsServer } from '@skynet/testing';
import { DeadLetters } from '../messaging/jetstream/dead-letters.js';
import { ensureStreams, streamManager } from '../messaging/jetstream/jetstream-streams.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { silentLogger as log } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import { JetStreamContext, JetStreamStrategy } from './jetstream-strategy.js';
import { NestLogger } from './nest-logger.adapter.js';
import { JETSTREAM, OnMessage } from './on-message.js';

interface Seen {
  readonly handler: string;
  readonly data: unknown;
  readonly context: JetStreamContext;
}

const seen: Seen[] = [];
const busyTimes = new Map<string, number>();

@Controller()
class AgentCommands {
  @OnMessage('cmd.agents.SpawnAgent')
  spawn(@Payload() data: unknown, @Ctx() context: JetStreamContext): Promise<void> {
    seen.push({ handler: 'spawn', data, context });
    return Promise.resolve();
  }

  @EventPattern<string>('cmd.agents.PauseAgent', JETSTREAM)
  pause(@Payload() data: unknown, @Ctx() context: JetStreamContext): void {
    seen.push({ handler: 'pause', data, context });
  }

  @OnMessage('cmd.agents.Busy')
  busy(@Payload() data: { id: string }): Promise<void> {
    const left = busyTimes.get(data.id) ?? 0;
    busyTimes.set(data.id, left - 1);
    return left > 0 ? Promise.reject(new WorldError('busy', 'later')) : Promise.resolve();
  }

  @OnMessage('cmd.agents.Refuse')
  refuse(): Promise<void> {
    return Promise.reject(new WorldError('not for me', 'never'));
  }
}

let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;
let manager: JetStreamManager;
let microservice: INestMicroservice;

const send = (type: string, data: unknown) =>
  publisher.publish(`cmd.agents.${type}`, JSON.stringify(data));
const reasonOfDeath = async (type: string) => {
  const place = { last_by_subj: `dead.cmd.agents.${type}` };
  return (await manager.streams.getMessage('DEAD', place))?.header.get('Skynet-Reason');
};
const left = async () => {
  const info = await manager.consumers.info('CMD', 'runtime');
  return info.num_pending + info.num_ack_pending;
};

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  publisher = new LeanPublisher(link);
  manager = await streamManager(link.connection);
  await ensureStreams(link.connection);
});
beforeEach(async () => {
  seen.length = 0;
  const moduleRef = await Test.createTestingModule({ controllers: [AgentCommands] }).compile();
  const strategy = new JetStreamStrategy(link, {
    stream: 'CMD',
    durable: 'runtime',
    filter: 'cmd.agents.*',
    backoffMs: () => 1,
    deadLetters: new DeadLetters(publisher, log),
    log,
  });
  microservice = moduleRef.createNestMicroservice({ strategy, logger: new NestLogger(log) });
  await microservice.listen();
});
afterEach(() => microservice.close());
afterAll(async () => {
  publisher.close();
  await link.close();
  await server.stop();
});

describe('a durable message to a Nest controller', () => {
  it('goes to the handler of its subject, with headers and attempt', async () => {
    const withReply = headers();
    withReply.set('Skynet-Reply', 'inbox');
    await publisher.publish('cmd.agents.SpawnAgent', '{"a":1}', withReply);
    await send('PauseAgent', { b: 2 });
    await eventually(async () => expect([seen.length, await left()]).toEqual([2, 0]));
    const [spawn, pause] = ['spawn', 'pause'].map((name) =>
      seen.find(({ handler }) => handler === name),
    );
    expect(spawn?.data).toEqual({ a: 1 });
    expect(spawn?.context).toBeInstanceOf(JetStreamContext);
    expect(spawn?.context.subject).toBe('cmd.agents.SpawnAgent');
    expect(spawn?.context.headers['Skynet-Reply']).toBe('inbox');
    expect(spawn?.context.attempt).toBe(1);
    expect(pause?.data).toEqual({ b: 2 });
  });

  it('is tried again when its handler fails, until it succeeds', async () => {
    busyTimes.set('x', 2);
    await send('Busy', { id: 'x' });
    await eventually(async () => expect([busyTimes.get('x'), await left()]).toEqual([-1, 0]));
    expect(await reasonOfDeath('Busy')).toBeUndefined();
  });

  it('is a dead letter at once when the handler says never, for the reason it gave', async () => {
    await send('Refuse', {});
    await eventually(async () => expect(await reasonOfDeath('Refuse')).toBe('not for me'));
    await eventually(async () => expect(await left()).toBe(0));
  });

  it('is a dead letter at once when there is no handler for it', async () => {
    await send('Unheard', {});
    await eventually(async () => {
      expect(await reasonOfDeath('Unheard')).toBe('no handler for cmd.agents.Unheard');
    });
  });

  it('waits for the next replica when the service is closed', async () => {
    await microservice.close();
    await send('SpawnAgent', 'late');
    for (let trips = 0; trips < 5; trips += 1) await link.roundTrip();
    expect(seen).toEqual([]);
    expect(await left()).toBe(1);
  });
});
