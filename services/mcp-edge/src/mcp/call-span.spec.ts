import { beforeEach, describe, expect, it } from '@jest/globals';
import { getAgentStatusTool, pauseAgentTool, rejection, spawnAgentTool } from '@skynet/contracts';
import { RecordingTracing } from '@skynet/testing';
import { agentIdNamed } from '../testing/agent-rows.js';
import { callSpan, setOutcome, type CalledTool } from './call-span.js';

const KEPT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const DROPPED = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
const agentId = agentIdNamed('one');

let tracing: RecordingTracing;
beforeEach(() => {
  tracing = new RecordingTracing();
});

const span = (call: Partial<CalledTool>) =>
  callSpan(tracing, {
    contract: pauseAgentTool,
    input: { agentId },
    tenant: 'acme',
    request: { id: 7, method: 'tools/call' },
    parent: undefined,
    transport: {},
    ...call,
  });

describe('the span of a call that does something', () => {
  it('begins a trace, or goes on from the client’s', () => {
    span({});
    span({ parent: KEPT });
    expect(tracing.spans.map(({ name, parent }) => [name, parent])).toEqual([
      ['tools/call pause_agent', undefined],
      ['tools/call pause_agent', KEPT],
    ]);
  });

  it('names the agent and the tenant', () => {
    span({});
    expect(tracing.spans[0]?.attributes).toMatchObject({
      'gen_ai.agent.id': agentId,
      'gen_ai.tool.name': 'pause_agent',
      'skynet.tenant': 'acme',
    });
  });

  it('says what the conventions ask of a call over MCP', () => {
    span({ transport: { protocolVersion: '2025-11-25', httpVersion: '1.1', address: '10.0.0.1' } });
    expect(tracing.spans[0]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2025-11-25',
      'jsonrpc.request.id': '7',
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'network.protocol.version': '1.1',
      'client.address': '10.0.0.1',
    });
  });

  it.each(['newest', '2025-11-25 ', 'x'.repeat(100_000)])(
    'names no version that is none: %#',
    (protocolVersion) => {
      span({ transport: { protocolVersion } });
      expect(tracing.spans[0]?.attributes['mcp.protocol.version']).toBeUndefined();
    },
  );

  it('has an id of no more characters than can be looked at', () => {
    span({ request: { id: 'x'.repeat(100_000), method: 'tools/call' } });
    expect(tracing.spans[0]?.attributes['jsonrpc.request.id']).toBe('x'.repeat(256));
  });

  it.each([undefined, { agentId: 'nonsense' }, { agentId: 'x'.repeat(100_000) }, 'text'])(
    'names no agent that is none: %#',
    (input) => {
      span({ input });
      expect(tracing.spans[0]?.attributes['gen_ai.agent.id']).toBeUndefined();
    },
  );

  it('names the agent that was made, and its tree', () => {
    const made = span({ contract: spawnAgentTool, input: {} });
    setOutcome(made, { output: { agentId, rootId: agentIdNamed('root'), status: 'queued' } });
    expect(tracing.spans[0]?.attributes).toMatchObject({
      'gen_ai.agent.id': agentId,
      'skynet.agent.root_id': agentIdNamed('root'),
    });
  });

  it('says why nothing came of it', () => {
    setOutcome(span({}), { refused: rejection('AGENT_ALREADY_ENDED', 'it has') });
    expect(tracing.spans[0]?.error).toEqual({ type: 'tool_error', message: 'AGENT_ALREADY_ENDED' });
  });
});

describe('a call that only reads', () => {
  const contract = getAgentStatusTool;

  it.each([undefined, DROPPED])('leaves no span, below %s', (parent) => {
    const unseen = span({ contract, parent });
    setOutcome(unseen, { output: { agentId } });
    expect(unseen.traceparent).toBe(parent);
    expect(tracing.spans).toEqual([]);
  });

  it('is part of the client’s trace where that is kept', () => {
    span({ contract, parent: KEPT });
    expect(tracing.spans).toMatchObject([{ name: 'tools/call get_agent_status', parent: KEPT }]);
  });
});
