import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startOtlpReceiver, startStackIn, type OtlpReceiver, type Stack } from '@skynet/testing';
import { runCli, type CliRun } from '../testing/running-cli.js';

jest.setTimeout(60_000);

const ECHO = ['--model', 'scripted:echo'];
const TREE = ['--model', 'scripted:tree', JSON.stringify({ depth: 2, fanOut: 1 })];
const JAEGER = 'http://jaeger.example';
const CLIENT = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
const ofClient = (flags: string) => ({
  TRACEPARENT: `00-${CLIENT.traceId}-${CLIENT.spanId}-${flags}`,
});

let receiver: OtlpReceiver;
let stack: Stack;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, EDGE_JAEGER_URL: JAEGER };
  stack = await startStackIn(settings);
});
afterAll(async () => {
  await stack.stop();
  await receiver.stop();
});

function skynet(args: readonly string[], environment = {}): Promise<CliRun> {
  return runCli(args, { dataFolder: stack.dataDir, environment });
}

async function spawned(...args: string[]): Promise<string> {
  return (await skynet(['spawn', ...args, '--wait', '--json'])).stdout;
}

const link = (traceId: string) => new RegExp(`${JAEGER}/trace/${traceId}\\?uiFind=[0-9a-f]{16}`);
const OF_CLIENT = link(CLIENT.traceId);
const ANY = link('[0-9a-f]{32}');

describe('a tree that is traced', () => {
  it('is part of the trace that the command runs in, and says where that is', async () => {
    const run = await skynet(['spawn', 'hello', ...ECHO], ofClient('01'));
    expect(run.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(run.stderr).toMatch(OF_CLIENT);
    const status = await skynet(['status', run.stdout.trim()]);
    expect(status.stdout).toMatch(OF_CLIENT);
    await receiver.until((spans) =>
      spans.some((span) => span.traceId === CLIENT.traceId && span.service === 'agent-runtime'),
    );
  });

  it('is named to programs as well', async () => {
    const run = await skynet(['spawn', 'hello', ...ECHO, '--json'], ofClient('01'));
    const told = { traceId: CLIENT.traceId, url: expect.stringMatching(OF_CLIENT) };
    expect(JSON.parse(run.stdout)).toMatchObject({ trace: told });
    const { agentId } = JSON.parse(run.stdout) as { agentId: string };
    const status = await skynet(['status', agentId, '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ trace: told });
  });

  it('is shown with the agent that was asked for marked', async () => {
    const { agentId } = JSON.parse(await spawned(...TREE)) as { agentId: string };
    const { stdout: listed } = await skynet(['ls', '--root', agentId, '-o', 'wide']);
    const [titles = '', ...rows] = listed.trim().split('\n');
    expect(titles).toMatch(/TRACE/);
    const links = rows.map((row) => ANY.exec(row)?.[0]);
    expect(new Set(links).size).toBe(rows.length);
    expect(new Set(links.map((each) => each?.split('?')[0])).size).toBe(1);
    const root = await skynet(['trace', agentId]);
    expect(root.stdout.trim()).toBe(links[0]);
    const own = await skynet(['trace', agentId, '--jaeger', 'http://other/ui']);
    expect(own.stdout.trim()).toBe(links[0]?.replace(JAEGER, 'http://other/ui'));
  });
});

describe('a tree whose trace is not kept', () => {
  it('has no link anywhere', async () => {
    const run = await skynet(['spawn', 'hello', ...ECHO], ofClient('00'));
    const agentId = run.stdout.trim();
    expect(run.stderr).toBe('');
    expect((await skynet(['status', agentId])).stdout).not.toContain('trace');
    expect((await skynet(['ls', '-o', 'wide'])).stdout).toMatch(
      new RegExp(`${agentId}.*hello$`, 'm'),
    );
    const traced = await skynet(['trace', agentId], { SKYNET_JAEGER: JAEGER });
    expect(traced.stdout).not.toContain(JAEGER);
    expect(traced.stderr).toContain('not traced');
  });
});

describe('a TRACEPARENT that is none', () => {
  it('does not stop the command', async () => {
    const run = await skynet(['spawn', 'hello', ...ECHO], { TRACEPARENT: 'nonsense' });
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(ANY);
  });
});
