import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProcessGuard } from './process-guard.js';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Leads a group of its own, as every process of a stack does. */
function sleeper(): ChildProcess & { pid: number } {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) throw new Error('no sleep');
  return child as ChildProcess & { pid: number };
}

describe('the end of the process that runs a stack', () => {
  it('is the end of what it watched, and of the temporary folder', async () => {
    const guard = new ProcessGuard(folder);
    const [one, other] = [sleeper(), sleeper()];
    const ends = [one, other].map((child) => once(child, 'exit'));
    for (const { pid } of [one, other]) guard.watch(pid);
    // What a killed process leaves behind is the end of the pipe.
    guard.close();
    expect(await Promise.all(ends)).toEqual([
      [null, 'SIGKILL'],
      [null, 'SIGKILL'],
    ]);
    while (existsSync(folder)) await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(folder)).toBe(false);
  });

  it('does not concern a process that had ended: its id may be somebody else’s', async () => {
    const guard = new ProcessGuard();
    const [released, watched] = [sleeper(), sleeper()];
    guard.watch(released.pid);
    guard.watch(watched.pid);
    guard.release(released.pid);
    const [ended, spared] = [once(watched, 'exit'), once(released, 'exit')];
    guard.close();
    await ended;
    released.kill('SIGTERM');
    expect(await spared).toEqual([null, 'SIGTERM']);
  });
});
