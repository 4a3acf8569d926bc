import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { JSONEventData, RecordedEvent } from '@kurrent/kurrentdb-client';
import { agentSteps } from '@skynet/contracts';
import { commitOf, commitOfTypes } from '@skynet/testing';
import fc from 'fast-check';
import type { NewEvent } from '../event-store.port.js';
import { decodeEvent, encodeCommit, type StreamPlace } from './kurrent-event.js';

const stream = 'agent-x';
const types = ['AgentSpawned', 'AgentParked', ...[...agentSteps.details].slice(0, 4)];

const someText = fc.constantFrom('root', 'a', 'b');
const someEvent = fc.record({
  type: fc.constantFrom(...types),
  version: fc.integer({ min: 1, max: 3 }),
  timeMs: fc.constantFrom(1_000, 1_001),
  data: fc.jsonValue(),
  metadata: fc.record({
    correlationId: someText,
    causationId: someText,
    tenant: someText,
    principal: someText,
    epoch: fc.integer({ min: 0, max: 2 }),
    traceparent: fc.option(someText, { nil: undefined }),
  }),
});
const someCommit = fc.array(someEvent, { minLength: 1, maxLength: 9 }).map((events): NewEvent[] =>
  events.map((event, index) => {
    const commit = { id: 'commit', index, size: events.length };
    return { ...event, id: randomUUID(), metadata: { ...event.metadata, commit } };
  }),
);
const somePlace = fc
  .tuple(fc.nat(5), fc.nat(5))
  .map(([number, more]): StreamPlace => ({ number, revision: number + more }));

const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** As the server gives it back. */
function recorded(event: JSONEventData, number: number): RecordedEvent {
  const { id, type, data, metadata } = throughJson({ ...event, metadata: event.metadata });
  const place = { commit: BigInt(number), prepare: BigInt(number) };
  return {
    streamId: stream,
    id: id ?? '',
    isJson: true,
    revision: BigInt(number),
    type,
    created: new Date(0),
    data,
    metadata: metadata ?? {},
    position: place,
  };
}

const stored = (events: readonly NewEvent[], place: StreamPlace, packing = agentSteps) =>
  encodeCommit(events, place, packing).map((event, index) => recorded(event, place.number + index));

const bytesOf = (events: readonly RecordedEvent[]) =>
  events
    .map(({ id, type, data, metadata }) => JSON.stringify([id, type, data, metadata]).length)
    .reduce((sum, bytes) => sum + bytes, 0);

describe('a commit', () => {
  it('comes back as it was, whatever of it is stored as one', () => {
    fc.assert(
      fc.property(someCommit, somePlace, (commit, place) => {
        const read = stored(commit, place).flatMap((event) => decodeEvent(event).stretch?.events);
        const expected = commit.map((event, index) => ({
          ...event,
          stream,
          revision: place.revision + index,
        }));
        expect(read.map((event) => ({ ...event, position: undefined }))).toEqual(
          throughJson(expected),
        );
      }),
    );
  });

  it('is a stored event for each that is no detail, and for each stretch of details', () => {
    const commit = commitOfTypes(
      'RunYielded AgentSpawned RunStarted ModelCallStarted AgentParked AgentWoken ChildEnded ChildEnded'.split(
        ' ',
      ),
    );
    const found = stored(commit, { revision: 0, number: 0 });
    expect(found.map(({ type }) => type)).toEqual(
      'RunYielded AgentSpawned AgentSteps AgentParked AgentWoken AgentSteps'.split(' '),
    );
    const ids = found.map(({ id }) => id);
    expect([0, 1, 3, 4].map((index) => ids[index])).toEqual(
      [0, 1, 4, 5].map((index) => commit[index]?.id),
    );
  });

  it('has the same ids each time that it is stored so, and others where it is divided otherwise', () => {
    const ids = (count: number) => {
      const commit = commitOfTypes(
        Array.from({ length: count }, () => 'ChildEnded'),
        'one',
      );
      return stored(commit, { revision: 0, number: 0 }).map(({ id }) => id);
    };
    expect(ids(3)).toEqual(ids(3));
    expect(new Set([1, 2, 3].flatMap(ids)).size).toBe(3);
  });

  it('takes no more room as one than as many, as its events have the same metadata', () => {
    const details = fc.constantFrom(...agentSteps.details);
    const parts = fc.array(fc.tuple(details, someEvent), { minLength: 2 });
    fc.assert(
      fc.property(parts, someEvent, (all, { metadata }) => {
        const commit = all.map(([type, event], index): NewEvent => {
          const place = { id: 'commit', index, size: all.length };
          return { ...event, id: randomUUID(), type, metadata: { ...metadata, commit: place } };
        });
        const place = { revision: 0, number: 0 };
        const separate = { ...agentSteps, details: new Set<string>() };
        const before = bytesOf(stored(commit, place, separate));
        expect(bytesOf(stored(commit, place))).toBeLessThanOrEqual(before);
      }),
    );
  });
});

describe('the stored shapes', () => {
  const base = {
    correlationId: 'root',
    causationId: 'command-one',
    tenant: 'acme',
    principal: 'someone',
    epoch: 1,
  };
  const place = { revision: 7, number: 3 };
  const timeMs = Date.UTC(2026, 0, 1);

  it('are v1 for an event by itself where both counts are the same', () => {
    const [one] = stored(commitOf(['a'], 'one'), { revision: 3, number: 3 });
    expect(one).toMatchObject({ type: 'NoteTaken', data: { text: 'a' } });
    const commit = { id: 'one', index: 0, size: 1 };
    expect(one?.metadata).toEqual({ v: 1, version: 1, timeMs, ...base, commit });
  });

  it('are v2 for one by itself elsewhere', () => {
    const [one] = stored(commitOf(['a'], 'one'), place);
    expect(one).toMatchObject({ type: 'NoteTaken', data: { text: 'a' } });
    const commit = { id: 'one', index: 0, size: 1 };
    expect(one?.metadata).toEqual({ v: 2, revision: 7, version: 1, timeMs, ...base, commit });
  });

  it('are v2 for several as one, with what they share beside them', () => {
    const commit = commitOfTypes(['RunStarted', 'ChildEnded', 'ModelCallStarted'], 'one');
    const [one] = stored(commit, place);
    expect(one?.metadata).toEqual({
      v: 2,
      revision: 7,
      count: 3,
      timeMs,
      ...base,
      commit: { id: 'one', index: 0, size: 3 },
    });
    const [first, second, third] = commit.map(({ id, type, version, data }) => ({
      id,
      type,
      version,
      data,
    }));
    expect(one?.type).toBe('AgentSteps');
    expect(one?.data).toEqual({
      events: [
        first,
        { ...second, timeMs: timeMs + 1 },
        { ...third, timeMs: timeMs + 2, metadata: { ...base, correlationId: 'other' } },
      ],
    });
  });
});

describe('what is stored as several events and holds none of ours', () => {
  const good = () => {
    const commit = commitOfTypes(['AgentSpawned', 'RunStarted', 'ChildEnded', 'ChildEnded']);
    const [, pack] = stored(commit, { revision: 5, number: 2 });
    if (pack === undefined) throw new Error('nothing was stored as one');
    return throughPlain(pack);
  };
  const throughPlain = ({ data, metadata, ...rest }: RecordedEvent) => ({
    ...rest,
    data: data as { events: Record<string, unknown>[] },
    metadata: metadata as Record<string, unknown>,
  });
  type Pack = ReturnType<typeof good>;
  const changedFirst = (change: Record<string, unknown>) => (pack: Pack) =>
    void Object.assign(pack.data.events[0] ?? {}, change);
  const changedBeside = (change: Record<string, unknown>) => (pack: Pack) =>
    void Object.assign(pack.metadata, change);

  it.each<[string, (pack: Pack) => unknown]>([
    ['does not hold 3 events', ({ data }) => data.events.pop()],
    ['does not hold 3 events', ({ data }) => data.events.push({ ...data.events[0] })],
    ['does not hold 3 events', (pack) => void Object.assign(pack, { data: pack.data.events })],
    ['does not hold 3 events', (pack) => void Object.assign(pack, { data: null })],
    ['does not hold 3 events', (pack) => void Object.assign(pack, { data: Buffer.from('x') })],
    ['an event is no object', ({ data }) => data.events.splice(1, 1, null as never)],
    ['has no id', changedFirst({ id: '' })],
    ['has no type', changedFirst({ type: 7 })],
    ['has no version', changedFirst({ version: 0 })],
    ['has no time', changedFirst({ timeMs: '1' })],
    ['has no data', ({ data }) => delete data.events[0]?.['data']],
    ['no tenant', changedFirst({ metadata: { correlationId: 'x', causationId: 'y' } })],
    ['more than its commit has', changedBeside({ commit: { id: 'one', index: 2, size: 4 } })],
    ['place in its commit', changedBeside({ commit: { id: 'one', index: 4, size: 4 } })],
    ['how many events', changedBeside({ count: 0 })],
    ['how many events', changedBeside({ count: '3' })],
    [
      'does not hold 1000000000 events',
      (pack) => changedBeside({ count: 1e9, commit: { id: 'one', index: 0, size: 2e9 } })(pack),
    ],
    ['its revision is not told', changedBeside({ revision: -1 })],
    ['its revision is not told', changedBeside({ revision: undefined })],
    ['can not be event 2', changedBeside({ revision: 2 })],
    ['it has no time', changedBeside({ timeMs: undefined })],
    ['no causationId', changedBeside({ causationId: 1 })],
    ['unknown shape "2"', changedBeside({ v: '2' })],
  ])('is damage: %s', (reason, change) => {
    const pack = good();
    expect(decodeEvent(pack as RecordedEvent).stretch).toBeDefined();
    change(pack);
    const found = decodeEvent(pack as RecordedEvent);
    expect(found).toMatchObject({ damage: { stream, position: '3/3' }, isForeign: false });
    expect(found).toMatchObject({ damage: { reason: expect.stringContaining(reason) } });
    expect(found).not.toHaveProperty('damage.isNewer');
  });

  it('is what a newer release wrote when its shape follows those that are known', () => {
    const pack = good();
    changedBeside({ v: 3 })(pack);
    expect(decodeEvent(pack as RecordedEvent)).toMatchObject({
      damage: { isNewer: true, reason: 'it needs a release that knows events v3' },
    });
  });
});
