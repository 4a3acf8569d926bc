import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { systemClock } from '../runtime/clock.js';
import { silentLogger as log } from '../runtime/logger.js';
import { startLease, type Lease, type LeaseRecord } from './lease.js';
import { NatsKvStateStores } from './nats-kv-state-stores.adapter.js';

let server: NatsServer;

interface Contender {
  readonly lease: Lease;
  readonly link: NatsLink;
  readonly acquired: Promise<number>;
  readonly lost: Promise<number>;
  stop(): Promise<void>;
}

/** One process that wants the lease. `acquired` and `lost` resolve with the time they happened. */
async function contender(holder: string): Promise<Contender> {
  const link = await connectNats({ url: server.url, name: holder, log });
  const publisher = new LeanPublisher(link);
  const stores = new NatsKvStateStores(link, publisher, { log });
  const store = await stores.open<LeaseRecord>('lease', { ttlMs: 3_000 });
  let onAcquired: (atMs: number) => void = () => undefined;
  let onLost: (atMs: number) => void = () => undefined;
  const acquired = new Promise<number>((resolve) => (onAcquired = resolve));
  const lost = new Promise<number>((resolve) => (onLost = resolve));
  const lease = startLease(
    { store, key: 'leader', holder, log },
    {
      onAcquired: () => onAcquired(systemClock.monotonicMs()),
      onLost: () => onLost(systemClock.monotonicMs()),
    },
  );
  const stop = async () => {
    await lease.stop();
    await stores.close();
    publisher.close();
    await link.close();
  };
  return { lease, link, acquired, lost, stop };
}

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

describe('a holder that dies', () => {
  it('is followed by the other one within 5 s, and had lost the lease before', async () => {
    const one = await contender('one');
    await one.acquired;
    const two = await contender('two');
    const firstEpoch = one.lease.epoch() ?? Infinity;
    const diedMs = systemClock.monotonicMs();
    // No word to the server any more, as when the process is killed; its own clock goes on.
    await one.link.connection.close();
    const [lostMs, acquiredMs] = await Promise.all([one.lost, two.acquired]);
    expect(lostMs).toBeLessThan(acquiredMs);
    expect(acquiredMs - diedMs).toBeLessThan(5_000);
    expect(two.lease.epoch()).toBeGreaterThan(firstEpoch);
    await one.stop();
    await two.stop();
  }, 15_000);
});

describe('a holder that stops', () => {
  it('is followed by the other one at once', async () => {
    const one = await contender('three');
    await one.acquired;
    const two = await contender('four');
    const stoppedMs = systemClock.monotonicMs();
    await one.stop();
    expect((await two.acquired) - stoppedMs).toBeLessThan(1_500);
    await two.stop();
  }, 15_000);
});
