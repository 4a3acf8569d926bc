import { describe, expect, it } from '@jest/globals';
import { GivenInputs } from './given-inputs.js';

const never = new AbortController().signal;
const given = (key: string) => ({ toolCallId: 'm1_0', key, action: 'accept' }) as const;

describe('the answers that a run waits for', () => {
  it('are those to their own questions, whatever is read again', async () => {
    const inputs = new GivenInputs();
    const first = inputs.next('m1_0', '1:q1', never);
    inputs.give(given('1:q1'));
    expect(await first).toEqual(given('1:q1'));
    const second = inputs.next('m1_0', '1:q2', never);
    inputs.give(given('1:q1'));
    inputs.give(given('1:q2'));
    expect(await second).toEqual(given('1:q2'));
  });

  it('are not waited for once nobody wants them', async () => {
    const abort = new AbortController();
    const inputs = new GivenInputs();
    const waited = inputs.next('m1_0', '1:q1', abort.signal);
    abort.abort();
    await expect(waited).rejects.toThrow('the question is over');
    await expect(inputs.next('m1_0', '1:q1', abort.signal)).rejects.toThrow('the question is over');
  });
});
