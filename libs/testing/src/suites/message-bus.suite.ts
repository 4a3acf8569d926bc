import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OverloadedError, WorldError, type BusMessage, type MessageBus } from '@skynet/platform';
import { eventually } from './eventually.js';
import { reached, type BusAccess } from './bus-access.js';
import { requestRules } from './message-bus-request.suite.js';

/** Two processes that talk. */
export interface BusesUnderTest {
  readonly one: MessageBus;
  readonly other: MessageBus;
  /** What is stored under `work.>`, which takes `capacity` messages. */
  stored(): Promise<readonly BusMessage[]>;
  readonly capacity: number;
  dispose(): Promise<void>;
}

/** What every MessageBus does; each adapter's spec calls it. */
export function messageBusSuite(name: string, makeBuses: () => Promise<BusesUnderTest>): void {
  describe(`the message bus ${name}`, () => {
    let underTest: BusesUnderTest;
    beforeEach(async () => {
      underTest = await makeBuses();
    });
    afterEach(() => underTest.dispose());
    const access: BusAccess = { one: () => underTest.one, other: () => underTest.other };
    describe('a durable message', () => publishRules(() => underTest));
    describe('a hint', () => hintRules(access));
    describe('a request', () => requestRules(access));
    describe('a bus that is closed', () => closeRules(access));
  });
}

function publishRules(underTest: () => BusesUnderTest): void {
  it('is stored with its headers when the call returns', async () => {
    const data = { text: 'ключ', none: null, list: [1] };
    await underTest().one.publish('work.a', data, { headers: { 'Skynet-Reply': 'inbox' } });
    await underTest().one.publish('work.b', 'plain');
    expect(await underTest().stored()).toMatchObject([
      { subject: 'work.a', data, headers: { 'Skynet-Reply': 'inbox' } },
      { subject: 'work.b', data: 'plain' },
    ]);
  });

  it('is stored once for each id', async () => {
    await underTest().one.publish('work.a', 1, { id: 'same' });
    await underTest().other.publish('work.a', 2, { id: 'same' });
    await underTest().one.publish('work.a', 3, { id: 'another' });
    expect((await underTest().stored()).map(({ data }) => data)).toEqual([1, 3]);
  });

  it('is refused as overload when there is no room, and stored nowhere', async () => {
    const { one, capacity } = underTest();
    await Promise.all(Array.from({ length: capacity }, (_, n) => one.publish('work.a', n)));
    const refused = one.publish('work.a', 'too much');
    await expect(refused).rejects.toBeInstanceOf(OverloadedError);
    await expect(refused).rejects.toBeInstanceOf(WorldError);
    await expect(refused).rejects.toMatchObject({ retry: 'later' });
    expect(await underTest().stored()).toHaveLength(capacity);
  });
}

function hintRules({ one, other }: BusAccess): void {
  it('reaches everyone who listens, in the order of sending', async () => {
    const seen: unknown[] = [];
    other().onHint('view.agent.*', ({ subject, data }) => seen.push([subject, data]));
    one().onHint('view.>', ({ data }) => seen.push(data));
    await reached(one(), other());
    one().hint('view.agent.1', { revision: 1 });
    one().hint('view.agent.2', { revision: 2 });
    one().hint('view.agent', { revision: 3 });
    await eventually(() => expect(seen).toHaveLength(5));
    expect(seen.filter(Array.isArray)).toEqual([
      ['view.agent.1', { revision: 1 }],
      ['view.agent.2', { revision: 2 }],
    ]);
    expect(seen.filter((entry) => !Array.isArray(entry))).toEqual([
      { revision: 1 },
      { revision: 2 },
      { revision: 3 },
    ]);
  });

  it('is lost where nobody listens any more', async () => {
    const seen: unknown[] = [];
    const stop = other().onHint('hb.worker', ({ data }) => seen.push(data));
    other().onHint('hb.worker', ({ data }) => seen.push([data]));
    await reached(one(), other());
    stop();
    await reached(other(), one());
    one().hint('hb.worker', 1);
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen).toEqual([[1]]);
  });

  it('to an inbox reaches the one who opened it', async () => {
    const seen: unknown[] = [];
    const inbox = one().openInbox(({ data }) => seen.push(data));
    const neighbour = one().openInbox(() => seen.push('not mine'));
    await reached(one(), other());
    other().reply(inbox.subject, { ok: true });
    await eventually(() => expect(seen).toEqual([{ ok: true }]));
    inbox.close();
    expect(neighbour.subject).not.toBe(inbox.subject);
  });

  it('does no harm to others when its handler breaks', async () => {
    const seen: unknown[] = [];
    other().onHint('broken', () => {
      throw new Error('handler broke');
    });
    other().onHint('sound', ({ data }) => seen.push(data));
    await reached(one(), other());
    one().hint('broken', 1);
    one().hint('sound', 2);
    await eventually(() => expect(seen).toEqual([2]));
  });
}

function closeRules({ one, other }: BusAccess): void {
  it('says so, and serves and hears nothing any more', async () => {
    const seen: unknown[] = [];
    one().onHint('a', ({ data }) => seen.push(data));
    one().serve('q.a', 'all', () => Promise.resolve(1));
    await reached(one(), other());
    await one().close();
    await expect(one().closed).resolves.toBeUndefined();
    other().hint('a', 1);
    await expect(other().request('q.a', 1)).rejects.toMatchObject({ retry: 'later' });
    expect(seen).toEqual([]);
  });
}
