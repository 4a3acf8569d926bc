import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli, startUpIn, until, type RunningUp } from '../testing/running-cli.js';

let stack: RunningUp;
/** Of whoever runs the stack. */
let tenant: string;

const run = (...args: string[]) => runCli(args, { dataFolder: stack.dataDir });

beforeAll(async () => {
  stack = await startUpIn({}, '--ephemeral');
  const first = await run('spawn', '--model', 'scripted:slow', '--json', '{"seconds":60}');
  expect(first.code).toBe(0);
  await until(async () => (await run('tenants', 'ls', '--json')).stdout !== '');
  tenant = (JSON.parse((await run('tenants', 'ls', '--json')).stdout) as { tenant: string }).tenant;
}, 90_000);

afterAll(() => stack.stop(), 30_000);

describe('quotas that an operator sets', () => {
  it('hold at once: trees wait, say so, and go on when the quota is gone', async () => {
    const added = await run('tenants', 'add', tenant, '--live-agents', '1', '--max-depth', '2');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toContain('ceilings.depth: 2');
    const waiting = await run('spawn', '--json', 'hello');
    const { agentId } = JSON.parse(waiting.stdout) as { agentId: string };
    await until(async () => (await run('status', agentId)).stdout.includes('waits to start'));
    expect((await run('tenants', 'ls')).stdout).toMatch(/1 of 1 .*liveAgents, ceilings/);
    const deep = await run('spawn', '--limit', 'depth=3', 'too deep');
    expect(deep).toMatchObject({ code: 4, stderr: expect.stringContaining('LIMIT_CEILING') });
    const freed = await run('tenants', 'set', tenant, '--live-agents', 'none');
    expect(freed).toMatchObject({ code: 0, stderr: '' });
    expect(await run('wait', agentId)).toMatchObject({ code: 0 });
  }, 90_000);

  it('are weights, too, from 1 to 100', async () => {
    const set = await run('tenants', 'set', tenant, '--weight', '3');
    expect(set).toMatchObject({ code: 0, stdout: expect.stringContaining('weight: 3') });
    const wrong = await run('tenants', 'set', tenant, '--weight', '101');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('from 1 to 100') });
  }, 30_000);

  it('are shown to the tenant itself beside what it uses', async () => {
    const usage = await run('usage', '--json');
    expect(JSON.parse(usage.stdout)).toMatchObject({ tenant, runningTrees: { now: 1 } });
    expect((await run('usage')).stdout).toMatch(/live agents +1/);
    expect((await run('usage', '--by', 'model')).stdout).toMatch(/^total +\d+ +\d/m);
  }, 30_000);

  it('are refused in words for a tenant that has none', async () => {
    expect(await run('tenants', 'set', 'nobody', '--live-agents', '1')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('skynet tenants add'),
    });
  }, 30_000);
});
