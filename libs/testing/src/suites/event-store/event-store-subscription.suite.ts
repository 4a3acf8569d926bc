import { describe, expect, it } from '@jest/globals';
import type { StoreAccess } from './store-access.js';
import { CollectedCommits } from '../collected-commits.js';
import { commitOf, newStream } from '../sample-events.js';

export function subscriptionRules(access: StoreAccess): void {
  describe('a subscription', () => deliveryRules(access));
  describe('a subscription that ends', () => endRules(access));
  describe('the head of the log', () => headRules(access));
}

function deliveryRules({ store, reopen }: StoreAccess): void {
  it('delivers what is there, then what comes, as whole commits without a gap', async () => {
    const stream = newStream();
    await store().append(stream, commitOf(['a', 'b'], 'one'), 'no-stream');
    const seen = new CollectedCommits();
    const subscription = await store().subscribe({}, seen.handler);
    await subscription.caughtUp;
    expect(seen.texts).toEqual(['a', 'b']);
    await store().append(stream, commitOf(['c', 'd'], 'two'), 1);
    await store().append(newStream(), commitOf(['e'], 'three'), 'no-stream');
    await seen.until(3);
    expect(seen.commits.map(({ id, revision }) => [id, revision])).toEqual([
      ['one', 1],
      ['two', 3],
      ['three', 0],
    ]);
    expect(seen.commits[0]?.events).toEqual((await store().read(stream)).slice(0, 2));
  });

  it('hands over what this process has appended as it is read, also where it may take it as it was sent', async () => {
    const stream = newStream();
    const seen = new CollectedCommits();
    await store().subscribe({ ownAsSent: true }, seen.handler);
    await store().append(stream, commitOf(['a', 'b'], 'one'), 'no-stream');
    await store().append(stream, commitOf(['c'], 'two'), 1);
    await seen.until(2);
    expect(seen.commits.flatMap(({ events }) => events)).toEqual(await store().read(stream));
  });

  it('loses nothing and doubles nothing that is appended while it catches up', async () => {
    const streams = Array.from({ length: 60 }, () => newStream());
    const append = (text: string, at: readonly string[]) =>
      Promise.all(at.map((stream) => store().append(stream, commitOf([text]), 'no-stream')));
    await append('before', streams.slice(0, 30));
    const seen = new CollectedCommits();
    const appending = append('during', streams.slice(30));
    await store().subscribe({}, seen.handler);
    await appending;
    await seen.until(60);
    expect(new Set(seen.commits.map(({ stream }) => stream))).toEqual(new Set(streams));
    const positions = seen.commits.map(({ position }) => position);
    expect([...positions].sort((a, b) => store().comparePositions(a, b))).toEqual(positions);
  });

  it('delivers only streams under its prefix', async () => {
    const [agent, tenant] = [newStream('agent'), newStream('tenant')];
    const byCategory = new CollectedCommits();
    const byStream = new CollectedCommits();
    await store().subscribe({ prefix: 'agent-' }, byCategory.handler);
    await store().subscribe({ prefix: agent.slice(0, 20) }, byStream.handler);
    for (const [index, stream] of [tenant, agent, newStream('agent')].entries()) {
      await store().append(stream, commitOf([`${index}`]), 'no-stream');
    }
    await byCategory.until(2);
    await byStream.until(1);
    expect(byCategory.texts).toEqual(['1', '2']);
    expect(byStream.texts).toEqual(['1']);
  });

  it('goes on behind a position, also in the next process', async () => {
    const stream = newStream();
    const { position } = await store().append(stream, commitOf(['a', 'b']), 'no-stream');
    await store().append(stream, commitOf(['c']), 1);
    const next = await reopen();
    const seen = new CollectedCommits();
    await (
      await next.subscribe({ after: position }, seen.handler)
    ).caughtUp;
    expect(seen.texts).toEqual(['c']);
  });

  it('has caught up at once where there is nothing to read', async () => {
    const { position } = await store().append(newStream(), commitOf(['a']), 'no-stream');
    const seen = new CollectedCommits();
    await (
      await store().subscribe({ after: position }, seen.handler)
    ).caughtUp;
    await (
      await store().subscribe({ prefix: 'tenant-' }, seen.handler)
    ).caughtUp;
    expect(seen.commits).toEqual([]);
  });

  it('has caught up only when all that was there has been handled', async () => {
    const appends = Array.from({ length: 50 }, () =>
      store().append(newStream(), commitOf(['a', 'b']), 'no-stream'),
    );
    await Promise.all(appends);
    const seen = new CollectedCommits();
    const subscription = await store().subscribe({}, async (commit) => {
      await new Promise((resolve) => setImmediate(resolve));
      await seen.handler(commit);
    });
    await subscription.caughtUp;
    expect(seen.commits).toHaveLength(50);
  });

  it('hands over one commit at a time', async () => {
    let running = 0;
    let most = 0;
    const seen = new CollectedCommits();
    await store().subscribe({}, async (commit) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      await seen.handler(commit);
    });
    await Promise.all(
      Array.from({ length: 20 }, () => store().append(newStream(), commitOf(['a']), 'no-stream')),
    );
    await seen.until(20);
    expect(most).toBe(1);
  });
}

function endRules({ store }: StoreAccess): void {
  it('rejects with the error of its handler and delivers nothing more', async () => {
    const stream = newStream();
    await store().append(stream, commitOf(['a']), 'no-stream');
    await store().append(stream, commitOf(['b']), 0);
    const seen: string[] = [];
    const subscription = await store().subscribe({}, (commit) => {
      seen.push(commit.id);
      throw new Error('handler broke');
    });
    await expect(subscription.closed).rejects.toThrow('handler broke');
    await expect(subscription.caughtUp).rejects.toThrow('handler broke');
    await store().append(stream, commitOf(['c']), 1);
    expect(seen).toHaveLength(1);
  });

  it('finishes the commit under way when it is stopped, and no other', async () => {
    const stream = newStream();
    let release = (): void => undefined;
    let entered = (): void => undefined;
    const begun = new Promise<void>((resolve) => (entered = resolve));
    const done: string[] = [];
    await store().append(stream, commitOf(['a'], 'one'), 'no-stream');
    await store().append(stream, commitOf(['b'], 'two'), 0);
    const subscription = await store().subscribe({}, async ({ id }) => {
      entered();
      await new Promise<void>((resolve) => (release = resolve));
      done.push(id);
    });
    await begun;
    const stopped = subscription.stop();
    release();
    await stopped;
    await expect(subscription.closed).resolves.toBeUndefined();
    expect(done).toEqual(['one']);
  });

  it('is stopped by closing the store', async () => {
    const subscription = await store().subscribe({}, () => undefined);
    await store().close();
    await expect(subscription.closed).resolves.toBeUndefined();
    await expect(store().read(newStream())).rejects.toThrow('closed');
  });
}

function headRules({ store }: StoreAccess): void {
  it('is unknown while the log is empty, then the position of the newest commit', async () => {
    expect(await store().head()).toBeUndefined();
    const first = await store().append(newStream(), commitOf(['a']), 'no-stream');
    expect(await store().head()).toBe(first.position);
    const second = await store().append(newStream(), commitOf(['b']), 'no-stream');
    expect(await store().head()).toBe(second.position);
    expect(store().comparePositions(second.position, first.position)).toBeGreaterThan(0);
  });

  it('of one category is that of its newest commit, whatever other streams gain', async () => {
    await store().append(newStream('tenant'), commitOf(['a']), 'no-stream');
    expect(await store().head('agent-')).toBeUndefined();
    await store().append(newStream('agent'), commitOf(['b']), 'no-stream');
    const newest = await store().append(newStream('agent'), commitOf(['c', 'd']), 'no-stream');
    await store().append(newStream('tenant'), commitOf(['e']), 'no-stream');
    const head = await store().head('agent-');
    expect(head).toBe(newest.position);
    const seen = new CollectedCommits();
    await store().subscribe({ prefix: 'agent-' }, seen.handler);
    await seen.until(2);
    expect(seen.commits.at(-1)?.position).toBe(head);
  });

  it('of anything but a whole category is no question', async () => {
    await expect(store().head('agent-1')).rejects.toThrow('no whole category');
  });
}
