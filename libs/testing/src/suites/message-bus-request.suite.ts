import { expect, it } from '@jest/globals';
import { WorldError } from '@skynet/platform';
import { reached, type BusAccess } from './bus-access.js';

export function requestRules({ one, other }: BusAccess): void {
  it('is answered by the one who serves the subject', async () => {
    other().serve('q.views.agent', 'projector', ({ subject, data }) =>
      Promise.resolve({ subject, data }),
    );
    await reached(one(), other());
    const answer = await one().request('q.views.agent', { id: 'a' });
    expect(answer).toEqual({ subject: 'q.views.agent', data: { id: 'a' } });
    other().serve('q.views.none', 'projector', () => Promise.resolve(undefined));
    await reached(one(), other());
    expect(await one().request('q.views.none', null)).toBeNull();
  });

  it('is answered by one member of the queue only', async () => {
    let answers = 0;
    const serve = () => {
      answers += 1;
      return Promise.resolve(answers);
    };
    one().serve('q.one', 'queue', serve);
    other().serve('q.one', 'queue', serve);
    await reached(one(), other());
    await reached(other(), one());
    for (let count = 0; count < 10; count += 1) await one().request('q.one', count);
    expect(answers).toBe(10);
  });

  it('fails with the error of the one who serves it, and whether to retry', async () => {
    other().serve('q.later', 'all', () => Promise.reject(new WorldError('busy', 'later')));
    other().serve('q.bug', 'all', () => Promise.reject(new TypeError('oops')));
    await reached(one(), other());
    await expect(one().request('q.later', 1)).rejects.toMatchObject({
      name: 'WorldError',
      retry: 'later',
      message: 'q.later: busy',
    });
    await expect(one().request('q.bug', 1)).rejects.toMatchObject({
      name: 'WorldError',
      retry: 'never',
      message: 'q.bug: oops',
    });
  });

  it('may be made again when nobody serves it', async () => {
    await expect(one().request('q.nobody', 1)).rejects.toMatchObject({
      name: 'WorldError',
      retry: 'later',
      message: 'q.nobody: nobody serves it',
    });
  });

  it('may be made again when the answer is late', async () => {
    other().serve('q.slow', 'all', () => new Promise(() => undefined));
    await reached(one(), other());
    await expect(one().request('q.slow', 1, { timeoutMs: 50 })).rejects.toMatchObject({
      name: 'WorldError',
      retry: 'later',
      message: 'q.slow: no answer within 50 ms',
    });
  });

  it('may take long while the server itself answers at once', async () => {
    other().serve('q.busy', 'all', () => new Promise(() => undefined));
    const asking = one().request('q.busy', 1, { timeoutMs: 50 });
    await one().whenAnswering(20_000);
    await expect(asking).rejects.toMatchObject({ retry: 'later' });
  });

  it('is served no more after the stop', async () => {
    const stop = other().serve('q.stopped', 'all', () => Promise.resolve(1));
    await reached(one(), other());
    expect(await one().request('q.stopped', 1)).toBe(1);
    stop();
    await reached(one(), other());
    await expect(one().request('q.stopped', 1)).rejects.toThrow('nobody serves it');
  });
}
