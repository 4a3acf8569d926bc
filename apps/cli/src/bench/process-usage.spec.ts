import { describe, expect, it } from '@jest/globals';
import { parseCpuSeconds, parsePeakBytes } from './process-usage.js';

describe('what the system says of a process', () => {
  it('holds user and system time, whatever the process is called', () => {
    const stat = '42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 1234 66 9 9 20 0 1 0 5 1000 10';
    expect(parseCpuSeconds(stat)).toBe(13);
  });

  it('holds the most memory it ever had', () => {
    expect(parsePeakBytes('Name:\tnode\nVmHWM:\t    2048 kB\nVmRSS:\t  1024 kB\n')).toBe(2_097_152);
  });

  it('is not taken for a number when it is something else', () => {
    expect(() => parseCpuSeconds('42 (node) S 1')).toThrow('not a /proc stat');
    expect(() => parsePeakBytes('Name:\tnode\n')).toThrow('VmHWM');
  });
});
