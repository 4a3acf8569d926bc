import { describe, expect, it } from '@jest/globals';
import { aServer } from '../testing/registries.js';
import { keptContext, passedContext } from './client-context.js';

const TRACE_ID = 'c'.repeat(32);
const OF_TRACE = `00-${TRACE_ID}-${'d'.repeat(16)}-01`;
const OF_ANOTHER = `00-${'e'.repeat(32)}-${'d'.repeat(16)}-01`;
const tracestate = { traceId: TRACE_ID, members: 'a=1,b=2' };
const seeing = (...baggage: string[]) => aServer({ context: { tracestate: false, baggage } });
const seeingTracestate = aServer({ context: { tracestate: true, baggage: [] } });

describe('what the log keeps of the context of a client', () => {
  const sent = { tracestate, baggage: ['tier=gold;ttl=5', 'token=s3cr3t', 'region=eu'] };

  it('is nothing unless a server may see it', () => {
    expect(keptContext(sent, { files: aServer() })).toEqual({
      leftOut: [
        'tracestate: no tool server may see it',
        'baggage tier: no tool server may see it',
        'baggage token: no tool server may see it',
        'baggage region: no tool server may see it',
      ],
    });
  });

  it('is what any of the servers may see', () => {
    const servers = { one: seeing('tier'), two: seeing('region'), three: seeingTracestate };
    expect(keptContext(sent, servers)).toEqual({
      context: { tracestate, baggage: ['tier=gold;ttl=5', 'region=eu'] },
      leftOut: ['baggage token: no tool server may see it'],
    });
  });

  it('goes by whole keys in their own case', () => {
    const baggage = ['Tier=1', 'tier2=1', 'tie=1', '__proto__=1'];
    expect(keptContext({ baggage }, { one: seeing('tier') }).context).toBeUndefined();
  });

  it('has at most 16 entries', () => {
    const baggage = Array.from({ length: 20 }, (_, index) => `tier=${index}`);
    const { context, leftOut } = keptContext({ baggage }, { one: seeing('tier') });
    expect(context).toEqual({ baggage: baggage.slice(0, 16) });
    expect(leftOut).toEqual(Array(4).fill('baggage tier: beyond 16 entries'));
  });

  it('has at most 1,024 characters of baggage, and each entry that fits in', () => {
    const big = (key: string) => `${key}=${'v'.repeat(600)}`;
    const sentBaggage = [big('a'), big('b'), 'tier=gold', `tier=${'v'.repeat(8_000)}`];
    const kept = keptContext({ baggage: sentBaggage }, { one: seeing('a', 'b', 'tier') });
    expect(kept).toEqual({
      context: { baggage: [big('a'), 'tier=gold'] },
      leftOut: ['baggage b: beyond 1024 characters', 'baggage tier: beyond 1024 characters'],
    });
  });

  it('tells of 16 parts that are left out, and how many more there are', () => {
    const baggage = Array.from({ length: 64 }, (_, index) => `k${index}=v`);
    const { leftOut } = keptContext({ baggage }, {});
    expect(leftOut).toHaveLength(17);
    expect(leftOut.at(-1)).toBe('48 more');
  });
});

describe('what a tool server is told of the context of a client', () => {
  const context = { tracestate, baggage: ['tier=gold;ttl=5', 'region=eu', 'tier=iron'] };

  it('is nothing unless its entry says so', () => {
    expect(passedContext(context, undefined, OF_TRACE)).toEqual({});
    expect(passedContext(undefined, seeingTracestate.context, OF_TRACE)).toEqual({});
  });

  it('is what its entry names', () => {
    expect(passedContext(context, seeingTracestate.context, OF_TRACE)).toEqual({
      tracestate: 'a=1,b=2',
    });
    expect(passedContext(context, seeing('tier').context, OF_TRACE)).toEqual({
      baggage: 'tier=gold;ttl=5,tier=iron',
    });
  });

  it('has the tracestate of no other trace', () => {
    const { context: allowed } = seeingTracestate;
    expect(passedContext(context, allowed, OF_ANOTHER)).toEqual({});
    expect(passedContext(context, allowed, undefined)).toEqual({});
    expect(passedContext({ baggage: ['tier=gold'] }, allowed, undefined)).toEqual({});
  });
});
