import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  startOtlpReceiver,
  startStackIn,
  type OtlpReceiver,
  type Stack,
  type StackClient,
} from '@skynet/testing';
import { startToolProgram } from './testing/tool-programs.js';

const here = (file: string) => fileURLToPath(new URL(`./testing/${file}`, import.meta.url));

const TRACE_ID = 'c'.repeat(32);
const META = {
  traceparent: `00-${TRACE_ID}-${'d'.repeat(16)}-01`,
  tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7',
  baggage: 'tenant-tier=gold;ttl=5,token=s3cr3t,region=eu,broken',
};
const SERVERS = ['seeing', 'partial', 'blind'];

let folder: string;
let program: ChildProcess;
let receiver: OtlpReceiver;
let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-context-'));
  const { child, url } = await startToolProgram('http-tool-server.mjs', '2026');
  program = child;
  const registry = {
    models: { 'scripted:looking': { module: here('looking-model.mjs') } },
    servers: {
      seeing: { url, context: { tracestate: true, baggage: ['tenant-tier', 'region'] } },
      partial: { url, context: { baggage: ['region'] } },
      blind: { url },
    },
  };
  writeFileSync(join(folder, 'registry.json'), JSON.stringify(registry));
  receiver = await startOtlpReceiver();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  stack = await startStackIn(environment, '--registry', join(folder, 'registry.json'));
  client = await stack.connect();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await receiver.stop();
  program.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

interface Told {
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

interface LoggedEvent {
  readonly type: string;
  readonly data: {
    readonly childId?: string;
    readonly toolCallId?: string;
    readonly content?: string;
  };
}

async function eventsOf(agentId: unknown): Promise<LoggedEvent[]> {
  return (await client.call('get_agent_events', { agentId })).events as LoggedEvent[];
}

/** What each of the servers was told: an agent calls them first, in their order. */
function toldIn(events: readonly LoggedEvent[]): Told[] {
  return SERVERS.map((_, index) => {
    const answer = events.find(
      ({ type, data }) => type === 'ToolCallSettled' && data.toolCallId === `m1_${index}`,
    );
    return (JSON.parse(answer?.data.content ?? '') as { readonly meta: Told }).meta;
  });
}

it('tool servers are told what they may see of the context of the client that made the tree', async () => {
  const { agentId } = await client.call(
    'spawn_agent',
    {
      task: { description: JSON.stringify({ servers: SERVERS, child: true }) },
      model: { id: 'scripted:looking' },
      tools: SERVERS.map((server) => `${server}__look`),
    },
    META,
  );
  const { status } = await client.call('wait_agent', { agentId, timeoutSeconds: 30 });
  expect(status).toBe('completed');
  const events = await eventsOf(agentId);
  const childId = events.find(({ type }) => type === 'ChildReserved')?.data.childId;
  const ofChild = await eventsOf(childId);
  for (const told of [toldIn(events), toldIn(ofChild)]) {
    expect(told.map(({ tracestate, baggage }) => ({ tracestate, baggage }))).toEqual([
      { tracestate: META.tracestate, baggage: 'tenant-tier=gold;ttl=5,region=eu' },
      { tracestate: undefined, baggage: 'region=eu' },
      { tracestate: undefined, baggage: undefined },
    ]);
    for (const { traceparent } of told) expect(traceparent).toContain(TRACE_ID);
  }
  expect(JSON.stringify([events, ofChild])).not.toContain('s3cr3t');
  await receiver.until((spans) => spans.some(({ service }) => service === 'mcp-edge'));
  const call = receiver.spans.find(({ service }) => service === 'mcp-edge');
  expect(call?.attributes['skynet.context.left_out']).toEqual([
    'baggage entry 4: malformed',
    'baggage token: no tool server may see it',
  ]);
}, 60_000);
