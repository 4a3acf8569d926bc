import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli, startUpIn, until, type RunningUp } from '../testing/running-cli.js';

let stack: RunningUp;

const run = (...args: string[]) => runCli(args, { dataFolder: stack.dataDir });

beforeAll(async () => {
  stack = await startUpIn({}, '--ephemeral');
}, 90_000);

afterAll(() => stack.stop(), 30_000);

describe('schedules of a person', () => {
  it('are added, listed with what came of them, and removed', async () => {
    expect((await run('schedules', 'ls')).stderr).toContain('no schedules');
    const once = await run('schedules', 'add', '--model', 'scripted:echo', '--after', '1', 'hello');
    expect(once).toMatchObject({ code: 0, stderr: '' });
    await until(async () => (await run('schedules', 'ls')).stdout.includes('spawned: '));
    const listed = JSON.parse((await run('schedules', 'ls', '--json')).stdout) as {
      scheduleId: string;
      lastTick: { agentId: string };
    };
    expect(listed.scheduleId).toBe(once.stdout.trim());
    expect(await run('wait', listed.lastTick.agentId)).toMatchObject({ code: 0 });

    const daily = await run('schedules', 'add', '--cron', '0 7 * * *', 'look around');
    expect(daily.code).toBe(0);
    const removed = await run('schedules', 'rm', daily.stdout.trim());
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining('is cancelled') });
  }, 90_000);

  it('are refused in words', async () => {
    const never = await run('schedules', 'add', '--cron', '0 0 30 2 *', 'never');
    expect(never).toMatchObject({ code: 2, stderr: expect.stringContaining('never comes') });
    const both = await run('schedules', 'add', '--cron', '* * * * *', '--after', '1', 'both');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('exactly one') });
    const unknown = await run('schedules', 'rm', '01900000-0000-7000-8000-000000000002');
    expect(unknown.stderr).toContain('There is no schedule');
  }, 60_000);
});
