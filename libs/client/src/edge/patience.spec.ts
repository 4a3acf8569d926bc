import { describe, expect, it } from '@jest/globals';
import { Patience } from './patience.js';

const steady = () => 0.5;
const refused = (retryAfterMs?: number) => ({ kind: 'refused', retryAfterMs }) as const;

describe('a call that was told no for now', () => {
  it('waits as the answer says, and longer each time', () => {
    const patience = new Patience(60_000, steady);
    expect(patience.waitFor(refused(2_000), 0, 0)).toBe(2_250);
    expect(patience.waitFor(refused(2_000), 0, 0)).toBe(2_500);
    for (let time = 0; time < 6; time += 1) patience.waitFor(refused(), 0, 0);
    expect(patience.waitFor(refused(), 0, 0)).toBe(4_000);
  });

  it('is not sent again together with all others', () => {
    const waits = [0, 0.25, 1].map((chance) =>
      new Patience(1_000, () => chance).waitFor(refused(), 0, 0),
    );
    expect(waits).toEqual([125, 188, 375]);
  });

  it('is given up at once where it would take too long', () => {
    expect(new Patience(10_000, steady).waitFor(refused(3_600_000), 0, 0)).toBeUndefined();
  });
});

describe('a call that nobody answered', () => {
  const away = { kind: 'away' } as const;

  it('is sent again soon, until patience is over', () => {
    const patience = new Patience(1_000, steady);
    expect(patience.waitFor(away, 0, 0)).toBe(250);
    expect(patience.waitFor(away, 750, 300)).toBe(250);
    expect(patience.waitFor(away, 751, 300)).toBeUndefined();
  });

  it('may have been under way for longer than patience lasts', () => {
    const patience = new Patience(1_000, steady);
    expect(patience.waitFor(away, 25_000, 0)).toBe(250);
    expect(patience.waitFor(away, 25_800, 25_250)).toBeUndefined();
  });

  it('is not sent again when nothing was heard of it for longer than that', () => {
    const patience = new Patience(1_000, steady);
    expect(patience.waitFor({ kind: 'silent' }, 25_000, 0)).toBeUndefined();
  });
});
