import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startOtlpReceiver,
  startStackIn,
  type OtlpReceiver,
  type ReceivedSpan,
  type Stack,
  type StackClient,
} from '@skynet/testing';

const CLIENT = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
const _meta = { traceparent: `00-${CLIENT.traceId}-${CLIENT.spanId}-01` };

let receiver: OtlpReceiver;
let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stack = await startStackIn({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  client = await stack.connect();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await receiver.stop();
}, 20_000);

const ofTree = (spans: readonly ReceivedSpan[]) =>
  spans.filter(({ traceId }) => traceId === CLIENT.traceId);
const agentOf = (span: ReceivedSpan) => span.attributes['gen_ai.agent.id'];
const isDispatch = ({ name }: ReceivedSpan) => name === 'dispatch';

/** Spans whose parent is not there: services send what they have at moments of their own. */
function orphansOf(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const known = new Set([CLIENT.spanId, ...spans.map(({ spanId }) => spanId)]);
  return spans.filter(({ parentSpanId = '' }) => !known.has(parentSpanId));
}

/** What stands below a span. Whether an agent came through the queue or had a slot of its tree is left out. */
function below(span: ReceivedSpan, all: readonly ReceivedSpan[]): ReceivedSpan[] {
  return all
    .filter(({ parentSpanId }) => parentSpanId === span.spanId)
    .flatMap((one) => (isDispatch(one) ? below(one, all) : [one]));
}

/** A span with those below it, as one text; spans of the same kind stand together. */
function drawn(span: ReceivedSpan, all: readonly ReceivedSpan[]): string {
  const lines = below(span, all)
    .map((one) => drawn(one, all))
    .sort();
  const indented = lines.flatMap((line) => line.split('\n').map((text) => `  ${text}`));
  return [`${span.service}: ${span.name}`, ...indented].join('\n');
}

const LEAF = `agent-runtime: create_agent agent
  agent-runtime: invoke_agent agent
    agent-runtime: chat scripted:tree
    agent-runtime: chat scripted:tree
    agent-runtime: execute_tool report_progress`;

const inner = (child: string) => `agent-runtime: create_agent agent
  agent-runtime: invoke_agent agent
    agent-runtime: chat scripted:tree
  agent-runtime: invoke_agent agent
    agent-runtime: chat scripted:tree
    agent-runtime: execute_tool await_agents
    agent-runtime: execute_tool report_progress
    agent-runtime: execute_tool spawn_agent
${child.replace(/^/gm, '      ')}
    agent-runtime: execute_tool spawn_agent
${child.replace(/^/gm, '      ')}`;

const TREE = `mcp-edge: tools/call spawn_agent
  mcp-edge: send cmd.agents.SpawnAgent
    agent-runtime: process cmd.agents.SpawnAgent
${inner(inner(LEAF)).replace(/^/gm, '      ')}`;

describe('a tree of three levels that a client spawned inside of a trace', () => {
  let spans: readonly ReceivedSpan[];

  beforeAll(async () => {
    const description = JSON.stringify({ depth: 3, fanOut: 2 });
    const spawned = { task: { description }, model: { id: 'scripted:tree' } };
    await client.call('spawn_agent', spawned, _meta);
    const count = TREE.split('\n').length;
    const isWhole = (all: readonly ReceivedSpan[]) =>
      all.filter((one) => !isDispatch(one)).length >= count && orphansOf(all).length === 0;
    await receiver.until((all) => isWhole(ofTree(all)));
    spans = ofTree(receiver.spans);
  }, 30_000);

  it('is one trace of exactly this shape', () => {
    const [root] = spans.filter(({ parentSpanId }) => parentSpanId === CLIENT.spanId);
    expect(root && drawn(root, spans)).toBe(TREE);
  });

  it('has no span without the one above it', () => {
    expect(orphansOf(spans)).toEqual([]);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  });

  it('tells of each call what it was, and nothing of what was said', () => {
    const chats = spans.filter(({ name }) => name === 'chat scripted:tree');
    for (const { attributes } of chats) {
      expect(attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'scripted',
        'gen_ai.request.model': 'scripted:tree',
        'gen_ai.usage.input_tokens': expect.any(Number),
        'skynet.cost_micro_usd': expect.any(Number),
        'skynet.agent.depth': expect.any(Number),
        'skynet.event.revision': expect.any(Number),
      });
      expect(Object.keys(attributes)).not.toContain('gen_ai.input.messages');
    }
  });

  it('links the runs of one agent', () => {
    const runs = spans.filter(({ name }) => name === 'invoke_agent agent');
    const later = runs.filter(({ links }) => links.length > 0);
    expect(later).toHaveLength(3);
    for (const run of later) {
      const before = runs.find(({ spanId }) => run.links.includes(spanId));
      expect(before && agentOf(before)).toBe(agentOf(run));
    }
  });
});

describe('a tree that still runs', () => {
  it('is followed while it does', async () => {
    const description = JSON.stringify({ seconds: 600 });
    const spawned = { task: { description }, model: { id: 'scripted:slow' } };
    const { agentId } = await client.call('spawn_agent', spawned);
    const isBorn = (span: ReceivedSpan) =>
      span.name === 'create_agent agent' && agentOf(span) === agentId;
    await receiver.until((all) => all.some(isBorn));
    const { status } = await client.call('get_agent_status', { agentId });
    expect(['queued', 'running']).toContain(status);
    await client.call('terminate_agent', { agentId });
  }, 20_000);
});
