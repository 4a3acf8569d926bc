import { describe, expect, it } from '@jest/globals';
import { commitOf, ManualClock, newStream } from '@skynet/testing';
import type { Position } from '../event-store/event-store.port.js';
import { MemoryEventStore } from '../event-store/memory-event-store.adapter.js';
import { silentLogger as log } from '../runtime/logger.js';
import { noMetrics, type Reading } from '../telemetry/metrics.port.js';
import { ProjectionLag } from './projection-lag.js';

/** A projection that stands where the test says. */
function projection() {
  const clock = new ManualClock();
  const store = new MemoryEventStore();
  const place: { position?: Position } = {};
  let read: () => Iterable<Reading> = () => [];
  const metrics: typeof noMetrics = { ...noMetrics, gauge: (_name, _options, it) => (read = it) };
  const position = () => place.position;
  const lag = new ProjectionLag({ store, prefix: 'agent-', position, clock, log, metrics });
  return {
    clock,
    lag,
    check: lag.healthCheck(),
    measured: () => [...read()].map(({ value }) => value),
    append: async () => (await store.append(newStream(), commitOf(['a']), 'no-stream')).position,
    reach: (reached: Position) => (place.position = reached),
  };
}

describe('a projection that starts', () => {
  it('is ready at once where the log is empty', async () => {
    const { check, clock, lag } = projection();
    await expect(check.check()).rejects.toThrow('not read to its end');
    lag.start();
    await clock.advance(0);
    await expect(check.check()).resolves.toBeUndefined();
  });

  it('is ready when it has read what was in the log', async () => {
    const { append, check, clock, lag, reach } = projection();
    const first = await append();
    const second = await append();
    lag.start();
    await clock.advance(1_000);
    reach(first);
    await expect(check.check()).rejects.toThrow('not read to its end');
    reach(second);
    await expect(check.check()).resolves.toBeUndefined();
  });
});

describe('a projection that stands still', () => {
  it('lags by the time since the log went on, and is not ready after ten seconds', async () => {
    const { append, check, clock, lag, measured, reach } = projection();
    lag.start();
    await clock.advance(60_000);
    expect(measured()).toEqual([0]);
    const missing = await append();
    await clock.advance(1_000);
    await append();
    await clock.advance(10_000);
    expect(lag.lagMs).toBe(10_000);
    await expect(check.check()).resolves.toBeUndefined();
    await clock.advance(1_000);
    await expect(check.check()).rejects.toThrow('lags 11 s behind');
    expect(measured()).toEqual([11]);
    reach(missing);
    await expect(check.check()).resolves.toBeUndefined();
    expect(measured()).toEqual([0]);
  });

  it('is not measured any more after the end', async () => {
    const { append, clock, lag, measured } = projection();
    lag.start();
    await append();
    lag.stop();
    await clock.advance(60_000);
    expect(measured()).toEqual([]);
  });
});
