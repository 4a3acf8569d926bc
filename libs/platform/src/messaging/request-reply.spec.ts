import { describe, expect, it } from '@jest/globals';
import { ClosedError } from '../runtime/closed-error.js';
import { WorldError } from '../runtime/world-error.js';
import { answerOf, replyOf } from './request-reply.js';

async function retryOf(error: Error): Promise<unknown> {
  const body = await replyOf(() => Promise.reject(error));
  try {
    return answerOf('q.some', body);
  } catch (heard) {
    return (heard as WorldError).retry;
  }
}

describe('who asks a process that fails', () => {
  it.each([
    ['may ask again where that may help', new WorldError('away', 'later'), 'later'],
    ['is told where it may not', new WorldError('damaged', 'never'), 'never'],
    ['is told of a bug', new Error('bug'), 'never'],
    ['may ask another one where this one is about to end', new ClosedError('the store'), 'later'],
  ])('%s', async (_, error, retry) => {
    expect(await retryOf(error)).toBe(retry);
  });
});
