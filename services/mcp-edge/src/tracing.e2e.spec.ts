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

/** Spans whose parent is not there: services send what they have at moments of their own. */
function orphansOf(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const known = new Set([CLIENT.spanId, ...spans.map(({ spanId }) => spanId)]);
  return spans.filter(({ parentSpanId = '' }) => !known.has(parentSpanId));
}

/** An agent that has taken longer has two spans: one to stand on, and its life. */
const isStart = ({ name }: ReceivedSpan) => name.startsWith('create_agent');
const isQueued = ({ name }: ReceivedSpan) => name === 'queued';

/** What stands below a span, or below the one that stood for it. */
function below(span: ReceivedSpan, all: readonly ReceivedSpan[]): ReceivedSpan[] {
  const start = all.find((one) => isStart(one) && agentOf(one) === agentOf(span));
  const ids = span.name.startsWith('invoke_agent') ? [start?.spanId, span.spanId] : [span.spanId];
  return all.filter((one) => ids.includes(one.parentSpanId) && !isStart(one) && !isQueued(one));
}

/** A span with those below it, as one text; spans of the same kind stand together. */
function drawn(span: ReceivedSpan, all: readonly ReceivedSpan[]): string {
  const lines = below(span, all)
    .map((one) => drawn(one, all))
    .sort();
  const indented = lines.flatMap((line) => line.split('\n').map((text) => `  ${text}`));
  return [`${span.service}: ${span.name}`, ...indented].join('\n');
}

const LEAF = `agent-runtime: invoke_agent agent
  agent-runtime: chat scripted:tree
  agent-runtime: chat scripted:tree
  agent-runtime: execute_tool report_progress
  agent-runtime: run 1`;

const inner = (child: string) => `agent-runtime: invoke_agent agent
  agent-runtime: chat scripted:tree
  agent-runtime: chat scripted:tree
  agent-runtime: execute_tool await_agents
  agent-runtime: execute_tool report_progress
  agent-runtime: execute_tool spawn_agent
  agent-runtime: execute_tool spawn_agent
${child.replace(/^/gm, '  ')}
${child.replace(/^/gm, '  ')}
  agent-runtime: run 1
  agent-runtime: run 2`;

const TREE = `mcp-edge: tools/call spawn_agent
${inner(inner(LEAF)).replace(/^/gm, '  ')}`;

describe('a tree of three levels that a client spawned inside of a trace', () => {
  let spans: readonly ReceivedSpan[];

  beforeAll(async () => {
    const description = JSON.stringify({ depth: 3, fanOut: 2 });
    const spawned = { task: { description }, model: { id: 'scripted:tree' } };
    await client.call('spawn_agent', spawned, _meta);
    const count = TREE.split('\n').length;
    const isWhole = (all: readonly ReceivedSpan[]) =>
      all.filter((one) => !isStart(one) && !isQueued(one)).length >= count &&
      orphansOf(all).length === 0;
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

  it('links the runs of one agent, and each child to the call that has made it', () => {
    const later = spans.filter(({ name }) => name === 'run 2');
    expect(later).toHaveLength(3);
    for (const run of later) {
      const before = spans.find(({ spanId }) => run.links.includes(spanId));
      expect([before?.name, before && agentOf(before)]).toEqual(['run 1', agentOf(run)]);
    }
    const calls = spans.filter(({ name }) => name === 'execute_tool spawn_agent');
    const lives = spans.filter(({ name }) => name === 'invoke_agent agent');
    const made = (agentId: unknown) =>
      calls.find(({ attributes }) => attributes['skynet.child.agent_id'] === agentId)?.spanId;
    const children = lives.filter(({ attributes }) => attributes['skynet.agent.depth'] !== 0);
    expect(children).toHaveLength(6);
    for (const child of children) expect(child.links).toEqual([made(agentOf(child))]);
  });

  it('shows each agent for as long as it lived, with what its whole tree has used', () => {
    const lives = spans.filter(({ name }) => name === 'invoke_agent agent');
    const root = lives.find(({ attributes }) => attributes['skynet.agent.depth'] === 0);
    expect(root?.attributes).toMatchObject({
      'skynet.agent.status': 'completed',
      'skynet.agent.descendants': 6,
      'gen_ai.usage.output_tokens': expect.any(Number),
    });
    for (const life of lives) {
      expect(life.startMs).toBeGreaterThanOrEqual(root?.startMs ?? Infinity);
      expect(life.endMs).toBeLessThanOrEqual(root?.endMs ?? 0);
    }
    expect(spans.filter(({ isError }) => isError)).toEqual([]);
  });
});

describe('a tree that still runs', () => {
  it('is followed while it does: what is there always stands below something that is there', async () => {
    const description = JSON.stringify({ seconds: 600 });
    const spawned = { task: { description }, model: { id: 'scripted:slow' } };
    const { agentId } = await client.call('spawn_agent', spawned);
    const ofAgent = (span: ReceivedSpan) => agentOf(span) === agentId;
    await receiver.until((all) => all.some((span) => isStart(span) && ofAgent(span)));
    const { status } = await client.call('get_agent_status', { agentId });
    expect(['queued', 'running']).toContain(status);
    const { traceId } = receiver.spans.find(ofAgent) ?? {};
    await client.call('terminate_agent', { agentId });
    await receiver.until((all) =>
      all.some((span) => span.name.startsWith('invoke_agent') && ofAgent(span)),
    );
    const own = receiver.spans.filter((span) => span.traceId === traceId);
    const life = own.find(({ name }) => name.startsWith('invoke_agent'));
    expect(life?.events.at(-1)).toMatchObject({ name: 'agent terminated' });
    expect(own.filter(({ isError }) => isError)).toEqual([]);
    const start = own.find(isStart);
    const known = new Set(own.map(({ spanId }) => spanId));
    const orphans = own.filter(({ parentSpanId }) => parentSpanId && !known.has(parentSpanId));
    expect([orphans, start?.parentSpanId === life?.parentSpanId]).toEqual([[], true]);
  }, 20_000);
});
