import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@skynet/platform';
import { commitOf, newStream, textsOf } from '../sample-events.js';

/** A store whose log has several copies, one of which may be behind. */
export interface LaggingStoreUnderTest {
  /** Is answered by the copy that is behind. */
  readonly store: EventStore;
  /** Another process on the same log, which has never read the streams of the test. */
  another(): Promise<EventStore>;
  /** The copy lacks the commit of this number, from 0, once. */
  lacksOnce(stream: string, commit: number): Promise<void>;
  /** The copy knows only so many commits of the stream, once. */
  knowsOnce(stream: string, commits: number): Promise<void>;
  /** No copy has the commit of this number any more. */
  lacksEverywhere(stream: string, commit: number): Promise<void>;
  dispose(): Promise<void>;
}

const CHAIN = 10;
const places = Array.from({ length: CHAIN }, (_, place) => place);
const all = places.map(String);

/** A read is whole or an error, whichever copy of the log answers; for adapters whose reads may meet one that is behind. */
export function laggingStoreSuite(
  name: string,
  makeStore: () => Promise<LaggingStoreUnderTest>,
): void {
  describe(`a stream of ten commits on ${name}`, () => {
    let underTest: LaggingStoreUnderTest;
    let stream: string;
    beforeEach(async () => {
      underTest = await makeStore();
      stream = newStream();
      const writer = await underTest.another();
      for (const place of places) {
        await writer.append(stream, commitOf([`${place}`]), place === 0 ? 'no-stream' : place - 1);
      }
    });
    afterEach(() => underTest.dispose());
    const access = { underTest: () => underTest, stream: () => stream };
    readRules(access);
    appendRules(access);
  });
}

interface Access {
  underTest(): LaggingStoreUnderTest;
  stream(): string;
}

function readRules({ underTest, stream }: Access): void {
  it.each(places)('is read whole where a copy lacks number %i', async (place) => {
    const { store } = underTest();
    await underTest().lacksOnce(stream(), place);
    expect(textsOf(await store.read(stream()))).toEqual(all);
    await underTest().lacksOnce(stream(), place);
    expect(textsOf(await store.read(stream(), { from: 4 }))).toEqual(all.slice(4));
    await underTest().lacksOnce(stream(), place);
    const backwards = await store.read(stream(), { backwards: true, max: 7 });
    expect(textsOf(backwards)).toEqual(all.slice(3).reverse());
  });

  it.each(places)('is read to its end where a copy knows only %i of them', async (commits) => {
    const { store } = underTest();
    await underTest().knowsOnce(stream(), commits);
    expect(textsOf(await store.read(stream()))).toEqual(all);
    await underTest().knowsOnce(stream(), commits);
    expect(textsOf(await store.read(stream(), { from: 9 }))).toEqual(['9']);
  });

  it.each(places)('is not read while no copy has number %i', async (place) => {
    await underTest().lacksEverywhere(stream(), place);
    const reading = underTest().store.read(stream());
    // The last one is the leader's to tell: without it there is no such stream.
    if (place < CHAIN - 1) await expect(reading).rejects.toMatchObject({ retry: 'later' });
    else expect(textsOf(await reading)).toEqual(all);
  });
}

function appendRules({ underTest, stream }: Access): void {
  it.each(places)('takes an append at its end where a copy knows only %i', async (commits) => {
    const { store } = underTest();
    await underTest().knowsOnce(stream(), commits);
    expect((await store.append(stream(), commitOf(['10']), 9)).revision).toBe(10);
    expect(textsOf(await store.read(stream()))).toEqual([...all, '10']);
  });

  it.each(places)('takes no append anywhere else where a copy knows only %i', async (commits) => {
    const { store } = underTest();
    await underTest().knowsOnce(stream(), commits);
    const expected = commits === 0 ? 'no-stream' : commits - 1;
    const refused = store.append(stream(), commitOf(['never']), expected);
    await expect(refused).rejects.toMatchObject({ name: 'WrongExpectedRevisionError', actual: 9 });
    expect(textsOf(await store.read(stream()))).toEqual(all);
  });

  it.each(places)('recognises a repeated append where a copy lacks number %i', async (place) => {
    const { store } = underTest();
    const commit = commitOf(['10']);
    const first = await (await underTest().another()).append(stream(), commit, 9);
    await (await underTest().another()).append(stream(), commitOf(['11']), 10);
    await underTest().lacksOnce(stream(), place);
    expect(await store.append(stream(), commit, 9)).toEqual(first);
  });
}
