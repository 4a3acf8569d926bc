import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import type { ToolProgress } from '../../tools/tool-server.port.js';
import { ShownProgress } from './shown-progress.js';

function showing() {
  const clock = new ManualClock();
  const shown: ToolProgress[] = [];
  return { clock, shown, progress: new ShownProgress(clock, (told) => shown.push(told)) };
}

const at = (percent: number) => ({ message: 'reading', percent });

describe('the progress of a call', () => {
  it('is shown at once, then its newest every five seconds', async () => {
    const { clock, shown, progress } = showing();
    for (let percent = 0; percent < 100; percent += 1) progress.tell(at(percent));
    expect(shown).toEqual([at(0)]);
    await clock.advance(5_000);
    expect(shown).toEqual([at(0), at(99)]);
  });

  it('is not shown again while it stays the same', async () => {
    const { clock, shown, progress } = showing();
    for (let second = 0; second < 60; second += 1) {
      progress.tell(at(1));
      await clock.advance(1_000);
    }
    expect(shown).toEqual([at(1)]);
  });

  it('is shown 200 times at most', async () => {
    const { clock, shown, progress } = showing();
    for (let count = 0; count < 300; count += 1) {
      progress.tell({ message: String(count) });
      await clock.advance(5_000);
    }
    expect(shown).toHaveLength(200);
  });

  it('is not shown once the call is over', async () => {
    const { clock, shown, progress } = showing();
    progress.tell(at(1));
    progress.tell(at(2));
    progress.end();
    await clock.advance(60_000);
    progress.tell(at(3));
    expect(shown).toEqual([at(1)]);
  });
});
