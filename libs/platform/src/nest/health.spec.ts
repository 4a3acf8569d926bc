import { describe, expect, it } from '@jest/globals';
import { ServiceUnavailableException } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock, recordingLogger } from '@skynet/testing';
import type { HealthCheck } from '../health/health-check.js';
import { HealthController } from './health.controller.js';
import { CLOCK, HEALTH_CHECKS, LOGGER } from './tokens.js';

const well = (name: string): HealthCheck => ({ name, check: () => Promise.resolve() });
const ill = (name: string): HealthCheck => ({
  name,
  check: () => Promise.reject(new Error('secret reason')),
});
const silent = (name: string): HealthCheck => ({ name, check: () => new Promise(() => undefined) });

async function controllerWith(...checks: HealthCheck[]) {
  const clock = new ManualClock();
  const { log, lines } = recordingLogger();
  const moduleRef = await Test.createTestingModule({
    controllers: [HealthController],
    providers: [
      { provide: HEALTH_CHECKS, useValue: checks },
      { provide: LOGGER, useValue: log },
      { provide: CLOCK, useValue: clock },
    ],
  }).compile();
  return { controller: moduleRef.get(HealthController), clock, lines };
}

describe('a service whose checks all pass', () => {
  it('is live and ready', async () => {
    const { controller } = await controllerWith(well('nats'), well('views'));
    expect(controller.live()).toEqual({ live: true });
    expect(await controller.ready()).toEqual({ ready: true, checks: { nats: true, views: true } });
  });
});

describe('a service with a check that fails', () => {
  it('is live but not ready, and tells strangers which check but not why', async () => {
    const { controller, lines } = await controllerWith(well('nats'), ill('views'));
    expect(controller.live()).toEqual({ live: true });
    const error: unknown = await controller.ready().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceUnavailableException);
    expect(error).toMatchObject({
      status: 503,
      response: { ready: false, checks: { nats: true, views: false } },
    });
    expect(JSON.stringify(error)).not.toContain('secret reason');
    expect(lines).toMatchObject([{ check: 'views', error: { message: 'secret reason' } }]);
  });

  it('is not ready either when the check says nothing for two seconds', async () => {
    const { controller, clock } = await controllerWith(silent('nats'));
    const failed = expect(controller.ready()).rejects.toMatchObject({ status: 503 });
    await clock.advance(2_000);
    await failed;
  });
});
