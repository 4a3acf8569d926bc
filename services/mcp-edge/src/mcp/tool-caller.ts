import { randomUUID } from 'node:crypto';
import { rejection } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { OverloadedError, RefusedError, WorldError, type Logger } from '@skynet/platform';
import type { CallRecords } from '../recording/call-record.js';
import { no, type EdgeTool, type ToolAnswer, type ToolCall } from '../tools/edge-tool.js';

/** Of the queue of commands, here or where it is kept. */
const FULL = { limit: 'commands', retryAfterMs: 2_000 };

/** Calls a tool; what goes wrong becomes an answer that says what to do next. */
export class ToolCaller {
  constructor(
    private readonly log: Logger,
    private readonly records: CallRecords,
  ) {}

  /** Answers when the call is recorded as well. */
  async call(
    tool: EdgeTool,
    input: unknown,
    call: Omit<ToolCall, 'record'>,
  ): Promise<ToolAnswer<object>> {
    const { traceparent } = call;
    const record = this.records.of({ tool: tool.contract, input, caller: call, traceparent });
    const answer = await this.answer(tool, input, { ...call, record });
    await record.end(isRefused(answer) ? answer.refused : undefined);
    return answer;
  }

  private async answer(
    tool: EdgeTool,
    input: unknown,
    call: ToolCall,
  ): Promise<ToolAnswer<object>> {
    try {
      return await tool.call(input, call);
    } catch (error) {
      return this.failed(tool.contract.name, call.traceparent, error);
    }
  }

  private failed(
    tool: string,
    traceparent: string | undefined,
    error: unknown,
  ): ToolAnswer<object> {
    if (error instanceof RefusedError) return no(error.rejection);
    if (error instanceof OverloadedError) return no(rejection('OVERLOADED', error.message, FULL));
    if (error instanceof WorldError && error.retry === 'later') {
      this.log.warn('tool call not answered', { tool, traceparent, error });
      return no(rejection('UNAVAILABLE', error.message));
    }
    const reference = traceparent ?? randomUUID();
    this.log.error('tool call failed', { tool, reference, error });
    return no(rejection('INTERNAL', `${tool} failed unexpectedly, see ${reference} in the log`));
  }
}
