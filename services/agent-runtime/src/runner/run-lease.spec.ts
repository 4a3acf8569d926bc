import { describe, expect, it } from '@jest/globals';
import type { LogKind } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { RunLease } from './run-lease.js';

function lease(extend: () => Promise<void>, logKind: LogKind = 'jetstream') {
  const clock = new ManualClock();
  let beats = 0;
  const item = {
    extend: () => {
      beats += 1;
      return extend();
    },
  };
  return { clock, lease: new RunLease(item, clock, logKind), beats: () => beats };
}

const away = () => Promise.reject(new Error('no connection'));

describe('a run that holds its item', () => {
  it('extends it each second', async () => {
    const { clock, lease: held, beats } = lease(() => Promise.resolve());
    await clock.advance(10_000);
    expect(beats()).toBe(10);
    expect(held.isFresh()).toBe(true);
  });

  it('extends it no more after its end', async () => {
    const { clock, lease: held, beats } = lease(() => Promise.resolve());
    held.release();
    await clock.advance(10_000);
    expect(beats()).toBe(0);
  });
});

describe('a run that does not reach the server', () => {
  it('is no longer sure of its item after three seconds', async () => {
    const { clock, lease: held } = lease(away);
    await clock.advance(2_999);
    expect(held.isFresh()).toBe(true);
    await clock.advance(1);
    expect(held.isFresh()).toBe(false);
  });

  it('is sure again after an append, or when it reaches it', async () => {
    const { clock, lease: held } = lease(away);
    await clock.advance(5_000);
    held.confirm();
    expect(held.isFresh()).toBe(true);
    await clock.advance(5_000);
    await expect(held.renew()).rejects.toThrow('no connection');
    expect(held.isFresh()).toBe(false);
  });

  it('is not sure because of an append to a log that another server keeps', async () => {
    const { clock, lease: held } = lease(away, 'eventstoredb');
    await clock.advance(5_000);
    held.confirm();
    expect(held.isFresh()).toBe(false);
  });

  it('counts contact from the moment it asked', async () => {
    const clock = new ManualClock();
    const extend = () => new Promise<void>((resolve) => clock.timer(2_000, resolve));
    const held = new RunLease({ extend }, clock, 'jetstream');
    await clock.advance(900);
    const renewed = held.renew();
    await clock.advance(2_000);
    await renewed;
    await clock.advance(999);
    expect(held.isFresh()).toBe(true);
  });
});

describe('a run that needs its item while the server is away', () => {
  it('goes on within a second after the server is back', async () => {
    let isBack = false;
    const { clock, lease: held } = lease(() => (isBack ? Promise.resolve() : away()));
    await clock.advance(20_000);
    const renewed = held.renewPatiently(new AbortController().signal);
    await clock.advance(20_000);
    isBack = true;
    await clock.advance(1_000);
    expect(await renewed).toBe(true);
    expect(held.isFresh()).toBe(true);
  });

  it('waits no longer than the run lasts', async () => {
    const { lease: held } = lease(away);
    const over = new AbortController();
    const renewed = held.renewPatiently(over.signal);
    over.abort();
    expect(await renewed).toBe(false);
  });
});
