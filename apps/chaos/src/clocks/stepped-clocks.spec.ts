import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SteppedClocks } from './stepped-clocks.js';

/** How far the clock is from the machine's, in seconds, by each way of asking; and what does not step. */
const PROGRAM = `
const { timeOrigin } = performance;
setInterval(() => {
  const real = timeOrigin + performance.now();
  const told = [Date.now(), +new Date(), Date.parse(Date())];
  const fixed = new Date(5) instanceof Date && +new Date(5) === 5 && Date.UTC(1970, 0, 1) === 0;
  console.log(JSON.stringify([...told.map((ms) => Math.round((ms - real) / 1000 / 10) * 10), fixed]));
}, 5)`;

let folder: string;
let child: ChildProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet spec-'));
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

describe('the clock of a process', () => {
  it('steps forth and back by what it is told, and right again', async () => {
    const clocks = await SteppedClocks.in(join(folder, 'clocks'));
    child = spawn(process.execPath, ['-e', PROGRAM], {
      env: { NODE_OPTIONS: clocks.nodeOptions },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { pid = 0, stdout } = child;
    const wanted = [0, 120, -90, 0];
    const seen: unknown[] = [];
    for await (const line of createInterface({ input: stdout ?? process.stdin })) {
      const [next = 0] = wanted;
      if (line !== JSON.stringify([next, next, next, true])) continue;
      seen.push(wanted.shift());
      if (wanted.length === 0) break;
      if (wanted[0] === 0) await clocks.setRight(pid);
      else await clocks.step(pid, (wanted[0] ?? 0) * 1_000);
    }
    expect(seen).toEqual([0, 120, -90, 0]);
  });
});
