import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { listenForInterruption, type Interruption } from './interruption.js';

let interruption: Interruption | undefined;

afterEach(() => interruption?.release());

/** Handlers are called as Node calls them; a real signal would end this process when the test is wrong. */
function listen() {
  const onSecond = jest.fn<() => void>();
  let nowMs = 1_000;
  interruption = listenForInterruption(onSecond, () => nowMs);
  const { signal } = interruption;
  return {
    onSecond,
    signal,
    at: (ms: number, name: 'SIGINT' | 'SIGTERM' = 'SIGINT') => {
      nowMs = 1_000 + ms;
      process.listeners(name).at(-1)?.(name);
    },
  };
}

describe('Ctrl-C', () => {
  it('reaches a command many times at once, from the terminal and from each parent, and counts once', () => {
    const { at, onSecond, signal } = listen();
    at(0);
    at(1);
    at(40, 'SIGTERM');
    at(900);
    expect(signal.aborted).toBe(true);
    expect(onSecond).not.toHaveBeenCalled();
  });

  it('counts again from somebody who does not want to wait', () => {
    const { at, onSecond } = listen();
    at(0);
    at(1_500);
    expect(onSecond).toHaveBeenCalledTimes(1);
  });
});
