import { describe, expect, it, jest } from '@jest/globals';
import { pauseAgentTool } from '@skynet/contracts';
import {
  noAuditTrail,
  OverloadedError,
  silentLogger,
  systemClock,
  WorldError,
} from '@skynet/platform';
import { CallRecords } from '../recording/call-record.js';
import type { ToolCall } from '../tools/edge-tool.js';
import { ToolCaller } from './tool-caller.js';
import { resultOf } from './tool-result.js';

const CALL: Omit<ToolCall, 'record'> = {
  address: '10.0.0.1',
  principal: { principal: 'alice', tenant: 'acme', roles: ['operator'] },
  traceparent: undefined,
  context: { read: () => undefined, tell: () => undefined },
  signal: new AbortController().signal,
  report: undefined,
  text: 'tail',
  mark: '',
  bounds: { values: 100, depth: 10 },
};

async function resultWhen(error: Error, call = CALL) {
  const log = { ...silentLogger, error: jest.fn() };
  const tool = {
    contract: pauseAgentTool,
    isFor: () => true,
    call: () => Promise.reject(error),
  };
  const result = resultOf(
    await new ToolCaller(log, new CallRecords(noAuditTrail, systemClock)).call(tool, {}, call),
  );
  const [content] = result.content;
  const text = content?.type === 'text' ? content.text : '';
  return { result, body: JSON.parse(text) as Record<string, unknown>, log };
}

describe('a tool that can not answer', () => {
  it.each([
    [new OverloadedError('full'), 'OVERLOADED', true],
    [new WorldError('away', 'later'), 'UNAVAILABLE', true],
    [new WorldError('lost', 'never'), 'INTERNAL', false],
    [new Error('bug'), 'INTERNAL', false],
  ])('tells a model what to do: %s', async (error, code, retryable) => {
    const { result, body } = await resultWhen(error);
    expect(result).toMatchObject({ isError: true });
    expect(result).not.toHaveProperty('structuredContent');
    expect(body).toEqual({
      code,
      retryable,
      message: expect.any(String),
      next: expect.any(String),
      ...(code === 'OVERLOADED' && { limit: 'commands', retryAfterMs: 2_000 }),
    });
  });

  it('shows nothing of a bug but where to find it in the log', async () => {
    const { body, log } = await resultWhen(new Error('password is hunter2'));
    expect(JSON.stringify(body)).not.toContain('hunter2');
    const [, fields] = log.error.mock.calls[0] as [string, { reference: string }];
    expect(body['message']).toContain(fields.reference);
  });

  it('names the trace of the caller when there is one', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { body } = await resultWhen(new Error('bug'), { ...CALL, traceparent });
    expect(body['message']).toContain(traceparent);
  });
});

describe('the answer of a tool', () => {
  it('is the same as structure and as text', () => {
    const output = { agentId: 'a', status: 'queued' };
    expect(resultOf({ output })).toEqual({
      structuredContent: output,
      content: [{ type: 'text', text: JSON.stringify(output) }],
    });
  });

  it('names the trace beside it, where models do not read', () => {
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    const result = resultOf({ output: { agentId: 'a' } }, { trace });
    expect(result._meta).toEqual({ 'skynet/trace': trace });
    expect(JSON.stringify(result.content)).not.toContain(trace.traceId);
  });
});
