import { expect, it } from '@jest/globals';
import { StandstillError, VirtualTime } from './virtual-time.js';

it('calls timers in the order of their times, those of one moment in the order of their making', async () => {
  const time = new VirtualTime();
  const called: string[] = [];
  const note = (name: string) => () => called.push(`${name} at ${time.elapsedMs}`);
  time.after(20, note('late'));
  time.after(10, note('first'));
  time.after(10, note('second'));
  time.after(30, note('never'))();
  time.after(5, () => time.after(1, note('nested')));
  await time.run(40);
  expect(called).toEqual(['nested at 6', 'first at 10', 'second at 10', 'late at 20']);
  expect(time.elapsedMs).toBe(40);
});

it('fails when work at one moment makes more of it without end', async () => {
  const time = new VirtualTime();
  const again = () => void time.after(0, again);
  time.after(5, again);
  await expect(time.run(10)).rejects.toThrow(StandstillError);
});
