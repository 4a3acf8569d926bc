import { beforeEach, describe, expect, it } from '@jest/globals';
import { DamagedStreamError, type Damage } from '@skynet/platform';
import { CollectedCommits } from '../collected-commits.js';
import { commitOf, newStream, textsOf } from '../sample-events.js';
import type { StoreAccess } from './store-access.js';

export function damageRules(access: StoreAccess): void {
  describe('a stream that ends in something that is no commit', () => streamRules(access));
  describe('a subscription that meets something that is no commit', () => deliveryRules(access));
}

function streamRules({ store, reopen, damage }: StoreAccess): void {
  let stream: string;
  beforeEach(async () => {
    stream = newStream();
    await store().append(stream, commitOf(['a', 'b']), 'no-stream');
    await damage(stream);
  });
  const refusal = () => ({ name: 'DamagedStreamError', stream, retry: 'never' });

  it('is not read, in this process or the next', async () => {
    await expect(store().read(stream)).rejects.toMatchObject(refusal());
    await expect((await reopen()).read(stream)).rejects.toBeInstanceOf(DamagedStreamError);
  });

  it('takes no append, in this process or the next', async () => {
    await expect(store().append(stream, commitOf(['c']), 1)).rejects.toMatchObject(refusal());
    const next = await reopen();
    await expect(next.append(stream, commitOf(['c']), 1)).rejects.toMatchObject(refusal());
    await expect(next.append(stream, commitOf(['c']), 'no-stream')).rejects.toMatchObject(
      refusal(),
    );
  });

  it('takes none either when it holds nothing else', async () => {
    const other = newStream();
    await damage(other);
    const append = store().append(other, commitOf(['a']), 'no-stream');
    await expect(append).rejects.toMatchObject({ name: 'DamagedStreamError', stream: other });
    await expect(store().read(other)).rejects.toMatchObject({ stream: other, retry: 'never' });
  });

  it('is the only one that suffers', async () => {
    const other = newStream();
    await store().append(other, commitOf(['a']), 'no-stream');
    await store().append(other, commitOf(['b']), 0);
    expect(textsOf(await store().read(other))).toEqual(['a', 'b']);
  });
}

/** What a subscription told, in its order: texts of commits and names of damaged streams. */
class Told {
  readonly commits = new CollectedCommits();
  readonly damages: Damage[] = [];
  readonly order: string[] = [];

  readonly handler = async (commit: Parameters<CollectedCommits['handler']>[0]) => {
    this.order.push(...textsOf(commit.events));
    await this.commits.handler(commit);
  };

  readonly onDamaged = (damage: Damage) => {
    this.order.push(damage.stream);
    this.damages.push(damage);
  };
}

function deliveryRules({ store, damage }: StoreAccess): void {
  const prefix = 'agent-';

  it('tells of it in its place in the log, and goes on', async () => {
    const [damaged, live] = [newStream(), newStream()];
    const first = await store().append(damaged, commitOf(['a']), 'no-stream');
    await damage(damaged);
    const second = await store().append(newStream(), commitOf(['b']), 'no-stream');
    const told = new Told();
    const { onDamaged } = told;
    await (
      await store().subscribe({ prefix, onDamaged }, told.handler)
    ).caughtUp;
    expect(told.order).toEqual(['a', damaged, 'b']);
    await damage(live);
    await store().append(newStream(), commitOf(['c']), 'no-stream');
    await told.commits.until(3);
    expect(told.order).toEqual(['a', damaged, 'b', live, 'c']);
    const [found] = told.damages;
    if (found === undefined) throw new Error('no damage was told of');
    expect(found.reason).not.toBe('');
    expect(store().comparePositions(found.position, first.position)).toBeGreaterThan(0);
    expect(store().comparePositions(found.position, second.position)).toBeLessThan(0);
  });

  it('goes on behind it from its position', async () => {
    const damaged = newStream();
    await damage(damaged);
    await store().append(newStream(), commitOf(['a']), 'no-stream');
    const told = new Told();
    await store().subscribe({ prefix, onDamaged: told.onDamaged }, told.handler);
    await told.commits.until(1);
    const again = new Told();
    const after = told.damages[0]?.position;
    await (
      await store().subscribe({ prefix, after, onDamaged: again.onDamaged }, again.handler)
    ).caughtUp;
    expect(again.order).toEqual(['a']);
  });

  it('passes it over when nobody asks', async () => {
    await damage(newStream());
    await store().append(newStream(), commitOf(['a']), 'no-stream');
    await damage(newStream());
    const seen = new CollectedCommits();
    const subscription = await store().subscribe({ prefix }, seen.handler);
    await subscription.caughtUp;
    await store().append(newStream(), commitOf(['b']), 'no-stream');
    await seen.until(2);
    expect(seen.texts).toEqual(['a', 'b']);
  });

  it('has caught up with it', async () => {
    const damaged = newStream();
    await damage(damaged);
    const told = new Told();
    const { onDamaged } = told;
    await (
      await store().subscribe({ prefix, onDamaged }, told.handler)
    ).caughtUp;
    expect(told.order).toEqual([damaged]);
  });

  it('ends when who is told of it breaks', async () => {
    await damage(newStream());
    const onDamaged = () => {
      throw new Error('handler broke');
    };
    const subscription = await store().subscribe({ prefix, onDamaged }, () => undefined);
    await expect(subscription.closed).rejects.toThrow('handler broke');
  });
}
