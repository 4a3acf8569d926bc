import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, eventually } from '@skynet/testing';
import { SharedTurns } from './shared-turns.js';

let clock: ManualClock;
let turns: SharedTurns;
let begun: string[];
let ends: Map<string, () => void>;

beforeEach(() => {
  clock = new ManualClock();
  turns = new SharedTurns(4, clock);
  begun = [];
  ends = new Map();
});

function works(tenant: string, name: string): Promise<void> {
  return turns.run(tenant, () => {
    begun.push(name);
    return new Promise((resolve) => ends.set(name, resolve));
  });
}

const end = (name: string) => ends.get(name)?.();
const many = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('work of one tenant', () => {
  it('begins as it comes when no other tenant has any', () => {
    for (const name of many) void works('acme', name);
    expect(begun).toEqual(many);
  });

  it('waits while another one has some, of which each may have an equal part under way', async () => {
    for (const name of many) void works('acme', name);
    void works('globex', 'other');
    expect(begun).toContain('other');
    for (const name of ['later', 'last']) void works('acme', name);
    for (const name of many.slice(0, 4)) end(name);
    await eventually(() => expect(ends.size).toBe(7));
    expect(begun).not.toContain('later');
    end('e');
    await eventually(() => expect(begun).toContain('later'));
    expect(begun).not.toContain('last');
  });

  it('goes on as it comes when the other one has had nothing for a while', async () => {
    for (const name of many) void works('acme', name);
    void works('globex', 'other');
    void works('acme', 'later');
    void works('acme', 'last');
    end('other');
    await clock.advance(251);
    end('a');
    await eventually(() => expect(begun).toEqual([...many, 'other', 'later', 'last']));
  });

  it('gives its turn on when it fails', async () => {
    const fails = async () => {
      throw new Error('so');
    };
    void works('globex', 'other');
    await Promise.all(many.map(() => expect(turns.run('acme', fails)).rejects.toThrow('so')));
  });

  it('of more tenants than may work at the same time has one piece under way each', () => {
    for (const tenant of many) void works(tenant, tenant);
    expect(begun).toEqual(many);
  });
});
