import { describe, expect, it } from '@jest/globals';
import { pause } from './pause.js';

const HOUR_MS = 3_600_000;

describe('a pause', () => {
  it('ends by itself', async () => {
    await expect(pause(1)).resolves.toBeUndefined();
    await expect(pause(1, new AbortController().signal)).resolves.toBeUndefined();
  });

  it('is cut short with the reason', async () => {
    const controller = new AbortController();
    const paused = pause(HOUR_MS, controller.signal);
    controller.abort(new Error('enough'));
    await expect(paused).rejects.toThrow('enough');
  });

  it('does not begin when nobody wants to wait any more', async () => {
    await expect(pause(HOUR_MS, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});
