import { randomUUID } from 'node:crypto';
import { rejection } from '@skynet/contracts';
import { OverloadedError, RefusedError, WorldError, type Logger } from '@skynet/platform';
import { no, type EdgeTool, type ToolAnswer, type ToolCall } from '../tools/edge-tool.js';

/** Calls a tool; what goes wrong becomes an answer that says what to do next. */
export class ToolCaller {
  constructor(private readonly log: Logger) {}

  async call(tool: EdgeTool, input: unknown, call: ToolCall): Promise<ToolAnswer<object>> {
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
    if (error instanceof OverloadedError) return no(rejection('OVERLOADED', error.message));
    if (error instanceof WorldError && error.retry === 'later') {
      this.log.warn('tool call not answered', { tool, traceparent, error });
      return no(rejection('UNAVAILABLE', error.message));
    }
    const reference = traceparent ?? randomUUID();
    this.log.error('tool call failed', { tool, reference, error });
    return no(rejection('INTERNAL', `${tool} failed unexpectedly, see ${reference} in the log`));
  }
}
