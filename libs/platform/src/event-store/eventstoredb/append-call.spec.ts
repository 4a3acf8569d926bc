import { describe, expect, it } from '@jest/globals';
import type { AppendResult } from '@kurrent/kurrentdb-client';
import { ManualClock } from '@skynet/testing';
import { AppendCall } from './append-call.js';

const result: AppendResult = { success: true, nextExpectedRevision: 0n };

/** A client whose appends are answered by hand. */
class HandClient {
  readonly #waiting: { resolve(result: AppendResult): void; reject(error: Error): void }[] = [];
  underWay = 0;
  most = 0;

  readonly appendToStream = (): Promise<AppendResult> => {
    this.underWay += 1;
    this.most = Math.max(this.most, this.underWay);
    return new Promise<AppendResult>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    }).finally(() => (this.underWay -= 1));
  };

  readonly dispose = async (): Promise<void> => {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('disposed'));
  };

  answer(): void {
    this.#waiting.shift()?.resolve(result);
  }
}

describe('appends over one call', () => {
  it('are 15 under way at most, and all get their turn', async () => {
    const clock = new ManualClock();
    const client = new HandClient();
    const call = new AppendCall(() => client, clock, 1_000);
    const appends = Array.from({ length: 100 }, () => call.append('agent-1', [], {}));
    for (let answers = 0; answers < 100; answers += 1) {
      await clock.advance(1);
      client.answer();
    }
    await Promise.all(appends);
    expect(client.most).toBe(15);
  });

  it('fail together when one gets no answer, and make room for others', async () => {
    const clock = new ManualClock();
    const client = new HandClient();
    const call = new AppendCall(() => client, clock, 1_000);
    const lost = Array.from({ length: 15 }, () => call.append('agent-1', [], {}));
    const outcomes = Promise.allSettled(lost);
    await clock.advance(1_000);
    expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
    const next = call.append('agent-1', [], {});
    await clock.advance(1);
    client.answer();
    expect(await next).toBe(result);
  });
});
