import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startOtlpReceiver,
  startStackIn,
  type OtlpReceiver,
  type ReceivedSpan,
  type Stack,
  type StackClient,
} from '@skynet/testing';
import { messagesOf, post, toolCall } from './testing/guarded-edge.js';

const MESSAGES = /^(send|process) cmd\.agents|^dispatch$/;
const ECHO = { task: { description: 'hello' }, model: { id: 'scripted:echo' } };

let receiver: OtlpReceiver;
let stack: Stack;
let client: StackClient;

async function start(environment: Record<string, string> = {}): Promise<void> {
  receiver = await startOtlpReceiver();
  stack = await startStackIn({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...environment });
  client = await stack.connect();
}

async function stop(): Promise<void> {
  await stack.stop();
  await receiver.stop();
}

const traceparent = (hex: string, flags = '01') =>
  `00-${hex.repeat(32)}-${hex.repeat(16)}-${flags}`;
const ofTrace = (hex: string) => receiver.spans.filter(({ traceId }) => traceId === hex.repeat(32));
const ofService = (name: string, spans: readonly ReceivedSpan[]) =>
  spans.filter(({ service }) => service === name);

/** Spans leave each process when they leave: the run is the last one here. */
async function untilRan(hex: string): Promise<void> {
  await receiver.until(
    () =>
      ofService('mcp-edge', ofTrace(hex)).length > 0 &&
      ofTrace(hex).some(({ name }) => name.startsWith('chat ')),
  );
}

/** Over HTTP as any client may send it. */
async function sent(
  name: string,
  args: object,
  more: { headers?: Record<string, string>; meta?: object },
): Promise<{ agentId: string }> {
  const body = toolCall(name, args, { meta: more.meta });
  const { headers } = more;
  const response = await post(new URL(stack.mcp).origin, { body, token: stack.token, headers });
  const [message = ''] = await messagesOf(response);
  const { result } = JSON.parse(message) as {
    result: { structuredContent: { agentId: string } };
  };
  return result.structuredContent;
}

describe('what a client of a traced stack does', () => {
  beforeAll(() => start(), 60_000);
  afterAll(stop, 20_000);

  it('is part of the trace that a header of its request names', async () => {
    const { agentId } = await sent('spawn_agent', ECHO, {
      headers: { traceparent: traceparent('1') },
    });
    await untilRan('1');
    const [call] = ofService('mcp-edge', ofTrace('1'));
    expect(call).toMatchObject({
      name: 'tools/call spawn_agent',
      parentSpanId: '1'.repeat(16),
      attributes: { 'gen_ai.agent.id': agentId, 'skynet.agent.root_id': agentId },
    });
    expect(ofTrace('1').some(({ parentSpanId }) => parentSpanId === call?.spanId)).toBe(true);
    expect(ofTrace('1').filter(({ name }) => MESSAGES.test(name))).toEqual([]);
  }, 30_000);

  it('goes on whatever is wrong with what it sends of its trace', async () => {
    const big = 'v'.repeat(100_000);
    const meta = { traceparent: traceparent('2'), tracestate: `a=${big}`, baggage: `a=${big}` };
    await sent('spawn_agent', ECHO, { meta });
    await untilRan('2');
    const nonsense = { meta: { traceparent: 'nonsense', baggage: big } };
    const { agentId } = await sent('spawn_agent', ECHO, nonsense);
    const isOwn = ({ attributes, service, parentSpanId }: ReceivedSpan) =>
      service === 'mcp-edge' && attributes['gen_ai.agent.id'] === agentId && !parentSpanId;
    await receiver.until((spans) => spans.some(isOwn));
    const { events } = await client.call('get_agent_events', { agentId });
    expect(JSON.stringify(events)).not.toContain('vvvvvvvvvv');
  }, 30_000);

  it('leaves no traces of looking', async () => {
    const before = ofService('mcp-edge', receiver.spans).length;
    const { agentId } = await client.call('spawn_agent', ECHO);
    await client.call('wait_agent', { agentId, timeoutSeconds: 20 });
    await client.call('get_agent_status', { agentId });
    await client.call('list_agents', {});
    await client.call('get_agent_result', { agentId }, { traceparent: traceparent('3', '00') });
    await client.call('get_agent_status', { agentId }, { traceparent: traceparent('4') });
    await receiver.until(() => ofTrace('4').length > 0);
    const names = ofService('mcp-edge', receiver.spans)
      .slice(before)
      .map(({ name }) => name);
    expect(names.toSorted()).toEqual(['tools/call get_agent_status', 'tools/call spawn_agent']);
  }, 30_000);
});

describe('with TRACES_DETAIL=messaging', () => {
  beforeAll(() => start({ TRACES_DETAIL: 'messaging' }), 60_000);
  afterAll(stop, 20_000);

  it('messages between services are spans as well', async () => {
    await sent('spawn_agent', ECHO, { meta: { traceparent: traceparent('5') } });
    await untilRan('5');
    await receiver.until(() => ofTrace('5').some(({ name }) => name.startsWith('process ')));
    expect(ofTrace('5').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['send cmd.agents.SpawnAgent', 'process cmd.agents.SpawnAgent']),
    );
  }, 30_000);
});
