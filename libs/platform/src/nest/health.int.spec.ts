import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { ServiceUnavailableException } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { recordingLogger, startNatsServer, type NatsServer } from '@skynet/testing';
import { natsHealthCheck, storageHealthCheck } from '../health/platform-checks.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { systemClock } from '../runtime/clock.js';
import { HealthController } from './health.controller.js';
import { CLOCK, HEALTH_CHECKS, LOGGER } from './tokens.js';

const ROOM_BYTES = 256 * 1024;
const { log, lines } = recordingLogger();

let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;
let controller: HealthController;

beforeEach(async () => {
  server = await startNatsServer({ maxStoreBytes: ROOM_BYTES });
  link = await connectNats({ url: server.url, name: 'scheduler', log });
  const manager = await jetstreamManager(link.connection);
  await manager.streams.add({ name: 'HEALTH', subjects: ['health.>'], max_msgs_per_subject: 1 });
  await manager.streams.add({ name: 'OTHER', subjects: ['other'] });
  publisher = new LeanPublisher(link);
  const checks = [natsHealthCheck(link), storageHealthCheck(publisher, 'scheduler')];
  const moduleRef = await Test.createTestingModule({
    controllers: [HealthController],
    providers: [
      { provide: HEALTH_CHECKS, useValue: checks },
      { provide: LOGGER, useValue: log },
      { provide: CLOCK, useValue: systemClock },
    ],
  }).compile();
  controller = moduleRef.get(HealthController);
});

afterEach(async () => {
  publisher.close();
  await link.close();
  await server.stop();
});

/** Until the server refuses. */
async function fillTheStore(): Promise<void> {
  const kilobytes = 'x'.repeat(32 * 1024);
  for (;;) {
    try {
      await publisher.publish('other', kilobytes);
    } catch {
      return;
    }
  }
}

describe('a nats-server whose storage is full', () => {
  it('still answers, and services on it are alive but not ready', async () => {
    await fillTheStore();
    const error: unknown = await controller.ready().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceUnavailableException);
    expect(error).toMatchObject({
      status: 503,
      response: { ready: false, checks: { nats: true, storage: false } },
    });
    expect(JSON.stringify(lines)).toContain('insufficient resources');
    expect(controller.live()).toEqual({ live: true });
  });
});

describe('a nats-server with room', () => {
  it('keeps one message of each service, however often its health is asked', async () => {
    const reports = await Promise.all(Array.from({ length: 20 }, () => controller.ready()));
    expect(reports.every(({ ready }) => ready)).toBe(true);
    const manager = await jetstreamManager(link.connection);
    const { state } = await manager.streams.info('HEALTH');
    expect(state).toMatchObject({ messages: 1, last_seq: 1 });
  });
});
