import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingAuditTrail, RecordingTracing } from '@skynet/testing';
import { agentRow } from './testing/agent-rows.js';
import { messagesOf, post, toolCall } from './testing/guarded-edge.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { AUDIENCE, startTestIssuer } from './testing/test-issuer.js';

const CLIENT = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
const OTHER = `00-${'e'.repeat(32)}-${'f'.repeat(16)}-01`;
const TRACED = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  EDGE_JAEGER_URL: 'http://jaeger.example',
};
const row = agentRow('one');
const { agentId } = row;
const spawn = { task: { description: 'count' } };

let issuer: Awaited<ReturnType<typeof startTestIssuer>>;
let edge: RunningEdge;
let tracing: RecordingTracing;
let audit: RecordingAuditTrail;

beforeEach(async () => {
  issuer = await startTestIssuer();
  tracing = new RecordingTracing();
  audit = new RecordingAuditTrail();
  edge = await startEdge(issuer.jwksUrl, TRACED, { tracing, audit });
  edge.owner.rows.push(row);
  await edge.project(row);
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

interface Sent {
  readonly meta?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answered {
  readonly result: { readonly _meta?: object; readonly isError?: boolean };
}

async function call(name: string, input: object, sent: Sent = {}): Promise<Answered> {
  const { meta, headers } = sent;
  const token = await issuer.token();
  const response = await post(edge.url, { body: toolCall(name, input, { meta }), token, headers });
  const [message = ''] = await messagesOf(response);
  return JSON.parse(message) as Answered;
}

const parents = () => tracing.spans.map(({ parent }) => parent);

describe('the trace of a client', () => {
  it('comes in the message or in a header, and the message counts more', async () => {
    await call('pause_agent', { agentId }, { headers: { traceparent: CLIENT } });
    await call('pause_agent', { agentId }, { meta: { traceparent: CLIENT } });
    const headers = { traceparent: OTHER };
    await call('pause_agent', { agentId }, { meta: { traceparent: CLIENT }, headers });
    expect(parents()).toEqual([CLIENT, CLIENT, CLIENT]);
    expect(edge.owner.commands.map(({ traceparent }) => traceparent)).toEqual(
      tracing.spans.map(({ traceparent }) => traceparent),
    );
  });

  it('has spans that say which MCP was spoken, how, where and from where', async () => {
    const versions = () =>
      tracing.spans.map(({ attributes }) => attributes['mcp.protocol.version']);
    await call('pause_agent', { agentId });
    const headers = { 'mcp-protocol-version': '2025-11-25' };
    await call('pause_agent', { agentId }, { headers });
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' };
    await call(
      'pause_agent',
      { agentId },
      { meta, headers: { ...modern, 'mcp-name': 'pause_agent' } },
    );
    expect(versions()).toEqual([undefined, '2025-11-25', '2026-07-28']);
    const { hostname, port } = new URL(AUDIENCE);
    expect(tracing.spans[1]?.attributes).toMatchObject({
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'network.protocol.version': '1.1',
      'client.address': '127.0.0.1',
      'server.address': hostname,
      'server.port': Number(port) || 443,
    });
  });

  it('is in the record of a call that the token does not allow, too', async () => {
    const token = await issuer.token('operator', { claims: { scope: 'agents:read' } });
    const body = toolCall('pause_agent', { agentId });
    await post(edge.url, { body, token, headers: { traceparent: CLIENT } });
    expect(audit.acts).toMatchObject([{ outcome: 'refused', traceparent: CLIENT }]);
  });

  it.each([
    ['a traceparent that is none', { traceparent: 'nonsense' }],
    ['one of 100 kB', { traceparent: `${CLIENT}-${'x'.repeat(100_000)}` }],
    ['100 kB of baggage', { traceparent: CLIENT, baggage: `key=${'v'.repeat(100_000)}` }],
    ['a tracestate of 100 kB', { traceparent: CLIENT, tracestate: `a=${'v'.repeat(100_000)}` }],
    ['things of other kinds', { traceparent: {}, tracestate: 7, baggage: [null] }],
  ])('does not stop a call: %s', async (_what, meta) => {
    const { result } = await call('spawn_agent', spawn, { meta });
    expect(result.isError).toBeUndefined();
    const isKept = meta.traceparent === CLIENT;
    expect(parents()).toEqual([isKept ? CLIENT : undefined]);
    expect(JSON.stringify(edge.owner.commands).length).toBeLessThan(2_000);
  });
});

describe('what a client sends beside its traceparent', () => {
  const meta = { traceparent: CLIENT, tracestate: 'a=1', baggage: 'tier=gold;ttl=5' };
  const context = {
    tracestate: { traceId: 'c'.repeat(32), members: 'a=1' },
    baggage: ['tier=gold;ttl=5'],
  };
  const sentOn = () => edge.owner.commands.map((command) => command.context);
  const leftOut = () => tracing.spans.map((span) => span.attributes['skynet.context.left_out']);

  it('goes with the command that makes an agent', async () => {
    await call('spawn_agent', spawn, { meta });
    await call('spawn_agent', spawn, { headers: meta });
    expect(sentOn()).toEqual([context, context]);
    expect(leftOut()).toEqual([undefined, undefined]);
  });

  it('goes with no other command', async () => {
    await call('pause_agent', { agentId }, { meta: { ...meta, baggage: 'ü=1' } });
    expect(sentOn()).toEqual([undefined]);
    expect(leftOut()).toEqual([undefined]);
  });

  it('is said on the span where it is left out, here or by the owner of agents', async () => {
    const there = ['baggage token: no tool server may see it'];
    const { answer } = edge.owner;
    edge.owner.answer = (command) => {
      const reply = answer(command);
      return reply?.ok === true ? { ...reply, contextLeftOut: there } : reply;
    };
    const baggage = 'ü=1,token=s3cr3t';
    await call('spawn_agent', spawn, { meta: { tracestate: 'a=1', baggage } });
    expect(sentOn()).toEqual([{ baggage: ['token=s3cr3t'] }]);
    const here = ['tracestate: without a traceparent of its trace', 'baggage entry 1: malformed'];
    expect(leftOut()).toEqual([[...here, ...there]]);
  });
});

describe('headers of a trace', () => {
  const sendBaggage = async (length: number) => {
    const headers = { traceparent: CLIENT, baggage: `a=${'v'.repeat(length)}` };
    const body = toolCall('pause_agent', { agentId });
    return post(edge.url, { body, token: await issuer.token(), headers });
  };

  it('may be as long as the standard has them, and together with the others no longer than 16 kB', async () => {
    expect((await sendBaggage(8_192)).status).toBe(200);
    expect((await sendBaggage(100_000)).status).toBe(431);
    expect(parents()).toEqual([CLIENT]);
  });
});

describe('a call that only reads', () => {
  it('leaves a span in a trace of the client that is kept, and no other', async () => {
    await call('get_agent_status', { agentId });
    await call('list_agents', {});
    await call(
      'get_agent_status',
      { agentId },
      { meta: { traceparent: OTHER.replace(/1$/, '0') } },
    );
    expect(tracing.spans).toEqual([]);
    await call('get_agent_status', { agentId }, { meta: { traceparent: OTHER } });
    expect(parents()).toEqual([OTHER]);
  });
});

describe('an answer about an agent', () => {
  const place = (traceId: string) => ({
    'skynet/trace': {
      traceId,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      url: expect.stringContaining(`http://jaeger.example/trace/${traceId}?uiFind=`),
    },
  });

  it('that was spawned names its trace', async () => {
    const spawned = await call('spawn_agent', spawn, { meta: { traceparent: CLIENT } });
    expect(spawned.result._meta).toMatchObject(place('c'.repeat(32)));
    expect(tracing.spans[0]?.attributes).toMatchObject({
      'gen_ai.agent.id': expect.any(String),
      'skynet.agent.root_id': expect.any(String),
    });
  });

  it('names the trace that its log has', async () => {
    const first = { revision: 0, type: 'AgentSpawned', timeMs: 1, epoch: 0, data: {} };
    edge.owner.events = [{ ...first, traceparent: OTHER }];
    const status = await call('get_agent_status', { agentId });
    expect(status.result._meta).toMatchObject(place('e'.repeat(32)));
  });

  it('names none where none is kept', async () => {
    const dropped = CLIENT.replace(/1$/, '0');
    const spawned = await call('spawn_agent', spawn, { meta: { traceparent: dropped } });
    expect(spawned.result).not.toHaveProperty('_meta');
  });
});
