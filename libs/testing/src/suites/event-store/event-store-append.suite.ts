import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { WrongExpectedRevisionError, type EventStore } from '@skynet/platform';
import type { StoreAccess } from './store-access.js';
import { commitOf, newStream, textsOf } from '../sample-events.js';

const WRITERS = 16;
const ROUNDS = 5;

export function appendRules(access: StoreAccess): void {
  describe('an append', () => expectationRules(access));
  describe('an append that is repeated', () => repetitionRules(access));
  describe('writers that race', () => raceRules(access));
}

function expectationRules({ store, reopen }: StoreAccess): void {
  it('starts a stream that does not exist, and answers with the last revision', async () => {
    const { revision } = await store().append(newStream(), commitOf(['a', 'b']), 'no-stream');
    expect(revision).toBe(1);
  });

  it('goes on behind the revision that the writer has seen', async () => {
    const stream = newStream();
    const first = await store().append(stream, commitOf(['a']), 'no-stream');
    const second = await store().append(stream, commitOf(['b', 'c']), first.revision);
    expect(second.revision).toBe(2);
    expect(store().comparePositions(first.position, second.position)).toBeLessThan(0);
  });

  it('goes on so in the next process too, with or without having read', async () => {
    const stream = newStream();
    await store().append(stream, commitOf(['a', 'b']), 'no-stream');
    const next = await reopen();
    expect((await next.append(stream, commitOf(['c']), 1)).revision).toBe(2);
    const last = await reopen();
    await last.read(stream);
    expect((await last.append(stream, commitOf(['d']), 2)).revision).toBe(3);
  });

  it('is refused with the actual revision when the stream is elsewhere', async () => {
    const stream = newStream();
    await store().append(stream, commitOf(['a', 'b', 'c']), 'no-stream');
    for (const expected of ['no-stream', 0, 1, 7] as const) {
      const refused = store().append(stream, commitOf(['x']), expected);
      await expect(refused).rejects.toMatchObject({ stream, expected, actual: 2 });
      await expect(refused).rejects.toBeInstanceOf(WrongExpectedRevisionError);
    }
    expect(textsOf(await store().read(stream))).toEqual(['a', 'b', 'c']);
  });

  it('is refused when the stream should exist and does not', async () => {
    await expect(store().append(newStream(), commitOf(['x']), 3)).rejects.toMatchObject({
      expected: 3,
      actual: 'no-stream',
    });
  });

  it('takes only whole commits under proper names', async () => {
    const commit = commitOf(['a']);
    await expect(store().append(newStream(), [], 'no-stream')).rejects.toThrow('at least one');
    const half = commitOf(['a', 'b']).slice(1);
    await expect(store().append(newStream(), half, 'no-stream')).rejects.toThrow('is not number 0');
    for (const stream of ['agent', 'agent-', 'agent-a.b', 'agent-*', '-x']) {
      await expect(store().append(stream, commit, 'no-stream')).rejects.toThrow('<category>-<id>');
    }
    const twoLines = commitOf(['a'], 'a\r\nb');
    await expect(store().append(newStream(), twoLines, 'no-stream')).rejects.toThrow('commit id');
  });
}

function repetitionRules({ store, reopen }: StoreAccess): void {
  it('answers as the first one did and stores nothing again', async () => {
    const stream = newStream();
    const commit = commitOf(['a', 'b']);
    const first = await store().append(stream, commit, 'no-stream');
    expect(await store().append(stream, commit, 'no-stream')).toEqual(first);
    expect(await store().read(stream)).toHaveLength(2);
  });

  it('answers so even when the stream has moved on since, or the process was replaced', async () => {
    const stream = newStream();
    const commit = commitOf(['b', 'c']);
    await store().append(stream, commitOf(['a']), 'no-stream');
    const first = await store().append(stream, commit, 0);
    await store().append(stream, commitOf(['d', 'e']), 2);
    await store().append(stream, commitOf(['f']), 4);
    expect(await store().append(stream, commit, 0)).toEqual(first);
    expect(await (await reopen()).append(stream, commit, 0)).toEqual(first);
  });

  it('is a conflict when another commit stands in that place', async () => {
    const stream = newStream();
    const commit = commitOf(['b']);
    await store().append(stream, commitOf(['a']), 'no-stream');
    await store().append(stream, commitOf(['other']), 0);
    await store().append(stream, commit, 1);
    await expect(store().append(stream, commit, 0)).rejects.toMatchObject({ actual: 2 });
  });
}

function raceRules({ store }: StoreAccess): void {
  it('have one winner for each revision', async () => {
    const stream = newStream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: WRITERS }, (_, writer) =>
        store().append(stream, commitOf([`${writer}`]), 'no-stream'),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await store().read(stream)).toHaveLength(1);
  });

  it('all get everything stored once and in order by reading and trying again', async () => {
    const stream = newStream();
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          await appendPatiently(store(), stream, `${writer}:${round}`);
        }
      }),
    );
    const events = await store().read(stream);
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
    const texts = textsOf(events);
    expect(new Set(texts).size).toBe(WRITERS * ROUNDS);
    for (let writer = 0; writer < WRITERS; writer += 1) {
      const own = texts.filter((text) => text.startsWith(`${writer}:`));
      expect(own).toEqual(Array.from({ length: ROUNDS }, (_, round) => `${writer}:${round}`));
    }
  });
}

async function appendPatiently(store: EventStore, stream: string, text: string): Promise<void> {
  const commit = commitOf([text], randomUUID());
  for (;;) {
    const [last] = await store.read(stream, { backwards: true, max: 1 });
    try {
      await store.append(stream, commit, last?.revision ?? 'no-stream');
      return;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError)) throw error;
    }
  }
}
