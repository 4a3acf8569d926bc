import { beforeEach, describe, expect, it } from '@jest/globals';
import { TenantTime } from './tenant-time.js';

let nowMs: number;
let time: TenantTime;

beforeEach(() => {
  nowMs = 10_000;
  time = new TenantTime(1_000, () => nowMs);
});

const work = (tenant: string, ms: number) => time.spend(tenant, () => (nowMs += ms));

describe('a tenant whose work takes long', () => {
  it('waits for the next minute, and nobody else does', () => {
    expect(time.waitMs('acme')).toBe(0);
    for (let times = 0; times < 3; times += 1) work('acme', 500);
    expect(time.waitMs('acme')).toBe(58_500);
    expect(time.waitMs('globex')).toBe(0);
    nowMs += 58_500;
    expect(time.waitMs('acme')).toBe(0);
  });

  it('is charged for what fails, too', () => {
    const fail = () => {
      nowMs += 2_000;
      throw new Error('no');
    };
    expect(() => time.spend('acme', fail)).toThrow('no');
    expect(time.waitMs('acme')).toBeGreaterThan(0);
  });
});

describe('work that takes no longer than usual', () => {
  it('never ends the time of a tenant', () => {
    for (let times = 0; times < 1_000; times += 1) work('acme', 20);
    expect(time.waitMs('acme')).toBe(0);
  });
});
