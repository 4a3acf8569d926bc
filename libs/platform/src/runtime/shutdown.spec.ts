import { describe, expect, it } from '@jest/globals';
import { ManualClock, recordingLogger } from '@skynet/testing';
import { createShutdown } from './shutdown.js';

function prepared(limitMs = 1_000) {
  const clock = new ManualClock();
  const { log, lines } = recordingLogger();
  return { clock, lines, shutdown: createShutdown({ log, limitMs, clock }) };
}

describe('a shutdown', () => {
  it('closes one thing after the other, the last opened first', async () => {
    const { shutdown } = prepared();
    const closed: string[] = [];
    for (const name of ['store', 'bus', 'server']) {
      shutdown.add(name, async () => {
        closed.push(`${name} begins`);
        await Promise.resolve();
        closed.push(`${name} ends`);
      });
    }
    expect(await shutdown.run('test')).toBe(true);
    const inTurn = ['server', 'bus', 'store'].flatMap((name) => [`${name} begins`, `${name} ends`]);
    expect(closed).toEqual(inTurn);
  });

  it('goes on behind a step that fails, and is not clean', async () => {
    const { shutdown, lines } = prepared();
    const closed: string[] = [];
    shutdown.add('store', () => void closed.push('store'));
    shutdown.add('bus', () => Promise.reject(new Error('stuck')));
    shutdown.add('server', () => {
      throw new Error('broken');
    });
    expect(await shutdown.run('test')).toBe(false);
    expect(closed).toEqual(['store']);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { step: 'server', error: { message: 'broken' } },
      { step: 'bus', error: { message: 'stuck' } },
    ]);
  });

  it('happens once, however often it is asked for', async () => {
    const { shutdown } = prepared();
    let closings = 0;
    shutdown.add('store', () => {
      closings += 1;
      throw new Error('broken');
    });
    const results = await Promise.all([shutdown.run('SIGTERM'), shutdown.run('SIGINT')]);
    expect([...results, await shutdown.run('again')]).toEqual([false, false, false]);
    expect(closings).toBe(1);
  });

  it('ends at its limit, whatever a step does', async () => {
    const { shutdown, clock, lines } = prepared(1_000);
    shutdown.add('stuck', () => new Promise(() => undefined));
    let result: boolean | undefined;
    void shutdown.run('test').then((clean) => (result = clean));
    await clock.advance(999);
    expect(result).toBeUndefined();
    await clock.advance(1);
    expect(result).toBe(false);
    expect(lines).toMatchObject([{ level: 'info', reason: 'test' }, { level: 'error' }]);
  });
});
