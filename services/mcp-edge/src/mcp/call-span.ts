import { agentIdSchema, type ToolContract } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import {
  attributeNames as names,
  noTracing,
  parseTraceparent,
  type Span,
  type SpanAttributes,
  type Tracing,
} from '@skynet/platform';
import type { z } from 'zod';
import type { ToolAnswer } from '../tools/edge-tool.js';

/** A call, as far as its span tells of it. */
export interface CalledTool {
  readonly contract: Pick<ToolContract<z.ZodType, z.ZodType>, 'name' | 'hints'>;
  /** As it was sent. */
  readonly input: unknown;
  readonly tenant: string;
  readonly request: { readonly id: string | number; readonly method: string };
  /** `traceparent` of the client. */
  readonly parent: string | undefined;
}

/** Begins below the client's span, where there is one. Of calls that only read there is none, unless the client's is kept. */
export function callSpan(tracing: Tracing, call: CalledTool): Span {
  const { contract, input, tenant, request, parent } = call;
  const { name, hints } = contract;
  const isWanted = !hints.readOnlyHint || parseTraceparent(parent)?.isSampled === true;
  return (isWanted ? tracing : noTracing).start(`${request.method} ${name}`, {
    parent,
    kind: 'server',
    attributes: {
      [names.mcpMethod]: request.method,
      [names.toolName]: name,
      [names.tenant]: tenant,
      'jsonrpc.request.id': String(request.id),
      ...agentIn(input),
    },
  });
}

/** Why nothing came of the call, or the agent that it was about or has made. */
export function setOutcome(span: Span, answer: ToolAnswer<object>): void {
  if (isRefused(answer)) span.fail('tool_error', answer.refused.code);
  else span.set(agentIn(answer.output));
}

function agentIn(told: unknown): SpanAttributes {
  const { agentId, rootId } = Object(told) as { readonly agentId?: unknown; rootId?: unknown };
  return {
    [names.agentId]: agentIdSchema.safeParse(agentId).data,
    [names.rootId]: agentIdSchema.safeParse(rootId).data,
  };
}
