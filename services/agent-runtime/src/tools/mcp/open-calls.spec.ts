import { AsyncResource } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import type { InputAnswer } from '../tool-server.port.js';
import { CallLimit } from './call-limit.js';
import { OpenCalls } from './open-calls.js';

const never = new AbortController().signal;
const form = { message: 'Go on?' };

function opened(calls: OpenCalls, onQuestion: () => Promise<InputAnswer>) {
  const limit = new CallLimit(new ManualClock(), { idleMs: 1_000, mostMs: 1_000 }, never);
  const { promise, resolve } = Promise.withResolvers<void>();
  const request = { tool: 'ask', arguments: {}, timeoutMs: 1_000, onQuestion };
  let ask = () => calls.answer(form);
  const over = calls.run(request, limit, () => {
    ask = AsyncResource.bind(ask);
    return promise.finally(() => limit.end());
  });
  const end = async () => {
    resolve();
    await over;
  };
  return { ask: () => ask(), end };
}

describe('a question that comes on the connection of its call', () => {
  it('is not put to the only other call once its own is over', async () => {
    const calls = new OpenCalls();
    let asked = 0;
    const onQuestion = () => {
      asked += 1;
      return Promise.resolve<InputAnswer>({ action: 'accept' });
    };
    const first = opened(calls, onQuestion);
    const second = opened(calls, onQuestion);
    await first.end();
    await expect(first.ask()).rejects.toThrow('the call that asks is over');
    expect(await second.ask()).toEqual({ action: 'accept' });
    expect(asked).toBe(1);
    await second.end();
  });
});
