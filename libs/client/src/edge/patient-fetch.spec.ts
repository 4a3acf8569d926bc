import { describe, expect, it } from '@jest/globals';
import { patientFetch } from './patient-fetch.js';

/** Answers in turn; the last one again and again. */
function scripted(...answers: readonly (readonly [status: number, retryAfter?: string])[]) {
  const bodies: unknown[] = [];
  const waitsMs: number[] = [];
  const fetching = patientFetch({
    fetch: (_url, init) => {
      const [status, retryAfter] = answers[Math.min(bodies.length, answers.length - 1)] ?? [500];
      bodies.push(init?.body);
      const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter });
      return Promise.resolve(new Response(null, { status, headers }));
    },
    sleep: (ms, signal) => {
      signal?.throwIfAborted();
      waitsMs.push(ms);
      return Promise.resolve();
    },
  });
  const send = async (signal?: AbortSignal) =>
    (await fetching('http://edge/mcp', { method: 'POST', body: 'x', signal: signal ?? null }))
      .status;
  return { send, bodies, waitsMs };
}

describe('a request that is one too many', () => {
  it('is sent again after as long as the server says', async () => {
    const { send, bodies, waitsMs } = scripted([429, '2'], [429, '1'], [200]);
    expect(await send()).toBe(200);
    expect(waitsMs).toEqual([2_000, 1_000]);
    expect(bodies).toEqual(['x', 'x', 'x']);
  });

  it.each([undefined, 'soon', '-3', '0'])('is sent again after a second for %j', async (says) => {
    const { send, waitsMs } = scripted([429, says], [200]);
    expect(await send()).toBe(200);
    expect(waitsMs).toEqual([1_000]);
  });

  it('is one too many after half a minute in all', async () => {
    const { send, waitsMs } = scripted([429, '12']);
    expect(await send()).toBe(429);
    expect(waitsMs).toEqual([12_000, 12_000]);
  });

  it('is given up at once where the wait is longer', async () => {
    const { send, waitsMs } = scripted([429, '3600']);
    expect(await send()).toBe(429);
    expect(waitsMs).toEqual([]);
  });

  it('may be called off meanwhile', async () => {
    const { send } = scripted([429, '2'], [200]);
    await expect(send(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('any other answer', () => {
  it.each([200, 401, 500, 503])('%d is passed on', async (status) => {
    const { send, waitsMs } = scripted([status, '1']);
    expect(await send()).toBe(status);
    expect(waitsMs).toEqual([]);
  });
});
