import { describe, expect, it } from '@jest/globals';
import { clientContext } from './client-context.js';

const TRACE_ID = 'c'.repeat(32);
const SENT = `00-${TRACE_ID}-${'d'.repeat(16)}-01`;
const OTHER = `00-${'e'.repeat(32)}-${'f'.repeat(16)}-01`;

const membersOf = (tracestate: string) =>
  clientContext({ traceparent: SENT, tracestate }).context?.tracestate?.members;
const baggageOf = (baggage: string) => clientContext({ baggage }).context?.baggage;
const leftOutOf = (meta: object) => clientContext(meta).leftOut;

describe('the context of a client', () => {
  it('is nothing where nothing is sent', () => {
    expect(clientContext(undefined)).toEqual({ context: undefined, leftOut: [] });
    expect(clientContext({ traceparent: SENT }, new Headers())).toEqual({
      context: undefined,
      leftOut: [],
    });
  });

  it('is in the message, else in the headers of its request', () => {
    const meta = { traceparent: SENT, tracestate: 'a=1', baggage: 'tier=gold' };
    const other = new Headers({ traceparent: OTHER, tracestate: 'b=2', baggage: 'tier=iron' });
    const context = {
      tracestate: { traceId: TRACE_ID, members: 'a=1' },
      baggage: ['tier=gold'],
    };
    expect(clientContext(meta).context).toEqual(context);
    expect(clientContext(undefined, new Headers(meta)).context).toEqual(context);
    expect(clientContext(meta, other).context).toEqual(context);
  });

  it('is in the headers where the message has things of other kinds', () => {
    const meta = { traceparent: SENT, tracestate: 7, baggage: [null] };
    const headers = new Headers({ traceparent: SENT, tracestate: 'a=1', baggage: 'tier=gold' });
    expect(clientContext(meta, headers).context).toEqual({
      tracestate: { traceId: TRACE_ID, members: 'a=1' },
      baggage: ['tier=gold'],
    });
  });
});

describe('a tracestate', () => {
  it('goes only with a traceparent of its own trace', () => {
    const reason = ['tracestate: without a traceparent of its trace'];
    for (const traceparent of [undefined, 'nonsense']) {
      const { context, leftOut } = clientContext({ traceparent, tracestate: 'a=1' });
      expect([context, leftOut]).toEqual([undefined, reason]);
    }
    const header = new Headers({ traceparent: OTHER, tracestate: 'b=2' });
    const { context, leftOut } = clientContext({ traceparent: SENT }, header);
    expect([context, leftOut]).toEqual([undefined, reason]);
  });

  it('keeps its members in their order, without spaces around them', () => {
    expect(membersOf(' b=2 ,\ta=1,,c@x=3 4')).toBe('b=2,a=1,c@x=3 4');
  });

  it.each(['A=1', '=1', 'a', 'a=1=2', 'a=ä', 'a=', 'a=\u0001', `${'k'.repeat(257)}=1`])(
    'loses a member that is malformed, and no other: %j',
    (member) => {
      expect(membersOf(`x=1,${member},y=2`)).toBe('x=1,y=2');
      const meta = { traceparent: SENT, tracestate: `x=1,${member},y=2` };
      expect(leftOutOf(meta)).toEqual(['tracestate member 2: malformed']);
    },
  );

  it('keeps the first of members with the same key, which is the newest', () => {
    expect(membersOf('a=1,b=2,a=3')).toBe('a=1,b=2');
    expect(leftOutOf({ traceparent: SENT, tracestate: 'a=1,b=2,a=3' })).toEqual([
      'tracestate a: there twice',
    ]);
  });

  it('has at most 32 members; those at the end are dropped', () => {
    const members = Array.from({ length: 40 }, (_, index) => `k${index}=v`);
    expect(membersOf(members.join())).toBe(members.slice(0, 32).join());
  });

  it('has at most 512 characters: long members are dropped first, then those at the end', () => {
    const long = `long=${'v'.repeat(200)}`;
    const short = Array.from({ length: 10 }, (_, index) => `k${index}=${'v'.repeat(42)}`);
    expect(membersOf([long, ...short].join())).toBe(short.join());
    const more = Array.from({ length: 12 }, (_, index) => `k${index}=${'v'.repeat(47)}`);
    expect(membersOf(more.join())).toBe(more.slice(0, 10).join());
    expect(leftOutOf({ traceparent: SENT, tracestate: more.join() })).toEqual([
      'tracestate k11: beyond 512 characters',
      'tracestate k10: beyond 512 characters',
    ]);
  });

  it('is none when nothing of it is left', () => {
    expect(clientContext({ traceparent: SENT, tracestate: 'nonsense' }).context).toBeUndefined();
  });
});

describe('baggage', () => {
  it('keeps entries as they were sent: values, percent-encoding, properties, duplicates, order', () => {
    const sent = 'tier = gold ; ttl = 5;hot , name=J%C3%BCrgen%2C%3B,empty=,eq=a=b;, tier=iron';
    const kept = ['tier=gold;ttl=5;hot', 'name=J%C3%BCrgen%2C%3B', 'empty=', 'eq=a=b', 'tier=iron'];
    expect(baggageOf(sent)).toEqual(kept);
  });

  it.each([
    'alone',
    '=value',
    'a b=1',
    'ü=1',
    'a=ü',
    'a=b c',
    'a="b"',
    'a=b\\c',
    'a=%zz',
    'a=100%',
    'a=1;=2',
    'a=1;p q',
    'a=\u0000',
  ])('loses an entry that is malformed, and no other: %j', (entry) => {
    expect(baggageOf(`x=1,${entry},y=2`)).toEqual(['x=1', 'y=2']);
    expect(leftOutOf({ baggage: `x=1,${entry},y=2` })).toEqual(['baggage entry 2: malformed']);
  });

  it('loses an entry that is too long, and no other', () => {
    expect(baggageOf(`big=${'v'.repeat(100_000)},tier=gold`)).toEqual(['tier=gold']);
    expect(leftOutOf({ baggage: `big=${'v'.repeat(100_000)},tier=gold` })).toEqual([
      'baggage entry 1: longer than 4096 characters',
    ]);
  });

  it('has at most 8,192 characters, and each entry that fits in', () => {
    const big = (key: string) => `${key}=${'v'.repeat(4_000)}`;
    const sent = [big('a'), big('b'), big('c'), 'tier=gold'];
    expect(baggageOf(sent.join())).toEqual([big('a'), big('b'), 'tier=gold']);
    expect(leftOutOf({ baggage: sent.join() })).toEqual(['baggage c: beyond 8192 characters']);
  });

  it('is read up to its 64th entry', () => {
    const entries = Array.from({ length: 100 }, (_, index) => `k${index}=v`);
    expect(baggageOf(entries.join())).toEqual(entries.slice(0, 64));
    expect(leftOutOf({ baggage: entries.join() })).toEqual(['baggage: what is behind part 64']);
  });

  it('may be any length: what is left out is told of 16 parts', () => {
    const { context, leftOut } = clientContext({ baggage: 'ü=1,'.repeat(250_000) });
    expect(context).toBeUndefined();
    expect(leftOut).toHaveLength(17);
    expect(leftOut.at(-1)).toBe('49 more');
  });

  it('tells no value', () => {
    expect(leftOutOf({ baggage: `token=s3cr3t s3cr3t,${'k'.repeat(5_000)}=s3cr3t` })).toEqual([
      'baggage entry 1: malformed',
      'baggage entry 2: longer than 4096 characters',
    ]);
  });
});
