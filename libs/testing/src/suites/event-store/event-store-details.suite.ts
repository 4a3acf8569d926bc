import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NewEvent, ReadOptions, StoredEvent } from '@skynet/platform';
import { CollectedCommits } from '../collected-commits.js';
import { commitOf, commitOfTypes, newStream, textsOf } from '../sample-events.js';
import type { StoreAccess } from './store-access.js';

/** Types as those of an agent: some stores keep neighbours among its details as one. */
const commits: readonly (readonly NewEvent[])[] = [
  commitOfTypes(['AgentSpawned', 'AgentAdmitted', 'RunStarted', 'ModelCallStarted']),
  commitOfTypes(['ModelCallSettled', 'ToolCallStarted', 'ProgressReported', 'ModelCallStarted']),
  commitOfTypes(['ModelCallSettled']),
  commitOfTypes(['AwaitStarted', 'AgentParked', 'ChildEnded', 'ChildEnded', 'AgentWoken']),
  commitOfTypes(['ModelCallStarted', 'ModelCallSettled']),
  commitOfTypes(['ToolCallStarted', 'ToolCallSettled', 'AgentCompleted']),
];
const count = commits.flat().length;

/** All ways to ask for a part of it. */
const parts: readonly ReadOptions[] = [false, true].flatMap((backwards) =>
  [undefined, ...Array.from({ length: count + 2 }, (_, from) => from)].flatMap((from) =>
    [undefined, 1, 2, 5].map((max) => ({
      backwards,
      ...(from !== undefined && { from }),
      ...(max !== undefined && { max }),
    })),
  ),
);

export function detailRules({ store, reopen }: StoreAccess): void {
  describe('a stream with details of steps', () => {
    let stream: string;
    let all: StoredEvent[];
    beforeEach(async () => {
      stream = newStream();
      all = commits.flat().map((event, revision) => ({ ...event, stream, revision }));
      let expected: number | 'no-stream' = 'no-stream';
      for (const commit of commits) {
        ({ revision: expected } = await store().append(stream, commit, expected));
      }
      expect(expected).toBe(count - 1);
    });

    it('is read as it was written, from any revision, so far as wanted, in both directions', async () => {
      for (const open of [async () => store(), reopen]) {
        const opened = await open();
        const read = await Promise.all(
          parts.map(async (part) => ({ part, events: await opened.read(stream, part) })),
        );
        expect(read).toEqual(parts.map((part) => ({ part, events: partOf(all, part) })));
      }
    });

    it('goes on where it ends, in the next process too, and nowhere else', async () => {
      const next = await reopen();
      for (const expected of ['no-stream', 3, 5, count - 2, count] as const) {
        const refused = next.append(stream, commitOf(['x']), expected);
        await expect(refused).rejects.toMatchObject({ expected, actual: count - 1 });
      }
      expect((await next.append(stream, commitOf(['y']), count - 1)).revision).toBe(count);
      const last = await reopen();
      const details = commitOfTypes(['ToolCallStarted', 'ToolCallSettled']);
      expect((await last.append(stream, details, count)).revision).toBe(count + 2);
      expect(textsOf(await last.read(stream, { from: count }))).toEqual([
        'y',
        'ToolCallStarted',
        'ToolCallSettled',
      ]);
    });

    it('answers each append that is repeated as the first', async () => {
      const other = newStream();
      const results = [];
      let expected: number | 'no-stream' = 'no-stream';
      for (const commit of commits) {
        const result = await store().append(other, commit, expected);
        expect(await store().append(other, commit, expected)).toEqual(result);
        results.push({ commit, expected, result });
        expected = result.revision;
      }
      const next = await reopen();
      for (const { commit, expected: before, result } of results) {
        expect(await next.append(other, commit, before)).toEqual(result);
      }
      expect(await next.read(other)).toHaveLength(count);
    });

    it('is delivered in whole commits, up to the head of the log', async () => {
      const seen = new CollectedCommits();
      await (
        await store().subscribe({ prefix: 'agent-' }, seen.handler)
      ).caughtUp;
      expect(seen.commits.map(({ events }) => events.length)).toEqual(
        commits.map(({ length }) => length),
      );
      expect(seen.commits.flatMap(({ events }) => events)).toEqual(all);
      expect(seen.commits.map(({ revision }) => revision)).toEqual(
        seen.commits.map(({ events }) => events.at(-1)?.revision),
      );
      expect(seen.commits.at(-1)?.position).toBe(await store().head('agent-'));
    });

    it('is delivered behind each of its commits', async () => {
      const first = new CollectedCommits();
      await (
        await store().subscribe({}, first.handler)
      ).caughtUp;
      for (const [index, { position }] of first.commits.entries()) {
        const seen = new CollectedCommits();
        await (
          await store().subscribe({ after: position }, seen.handler)
        ).caughtUp;
        expect(seen.commits).toEqual(first.commits.slice(index + 1));
      }
    });

    it('is deleted at its last revision only', async () => {
      const early = store().deleteStream(stream, count - 2);
      await expect(early).rejects.toMatchObject({ expected: count - 2, actual: count - 1 });
      const next = await reopen();
      await next.deleteStream(stream, count - 1);
      expect(await next.read(stream)).toEqual([]);
    });
  });

  it('a commit of many details is one commit, and one that follows it, too', async () => {
    const stream = newStream();
    const many = commitOfTypes(Array.from({ length: 300 }, () => 'ChildEnded'));
    await store().append(stream, many, 'no-stream');
    await store().append(stream, commitOfTypes(['ToolCallStarted', 'ToolCallSettled']), 299);
    const opened = await reopen();
    expect(await opened.read(stream, { from: 298, max: 3 })).toMatchObject([
      { revision: 298, type: 'ChildEnded' },
      { revision: 299, type: 'ChildEnded' },
      { revision: 300, type: 'ToolCallStarted' },
    ]);
  });
}

function partOf(all: readonly StoredEvent[], part: ReadOptions): readonly StoredEvent[] {
  const { from, max = Infinity, backwards = false } = part;
  const ordered = backwards ? all.toReversed() : all;
  const isWanted = ({ revision }: StoredEvent) =>
    from === undefined || (backwards ? revision <= from : revision >= from);
  return ordered.filter(isWanted).slice(0, max);
}
