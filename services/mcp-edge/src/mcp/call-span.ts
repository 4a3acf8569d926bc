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
  readonly transport: CallTransport;
}

/** How a call came, as far as is known. */
export interface CallTransport {
  /** Of MCP, as the client said it. */
  readonly protocolVersion?: unknown;
  readonly httpVersion?: string | undefined;
  /** The client's. */
  readonly address?: string | undefined;
  /** Where clients reach the server. */
  readonly server?: SpanAttributes | undefined;
}

const MCP_VERSION = /^\d{4}-\d{2}-\d{2}$/;
const ID_CHARS = 256;

/** Begins below the client's span, where there is one. Of calls that only read there is none, unless the client's is kept. */
export function callSpan(tracing: Tracing, call: CalledTool): Span {
  const { contract, input, tenant, request, parent, transport } = call;
  const { name, hints } = contract;
  const isWanted = !hints.readOnlyHint || parseTraceparent(parent)?.isSampled === true;
  return (isWanted ? tracing : noTracing).start(`${request.method} ${name}`, {
    parent,
    kind: 'server',
    attributes: {
      [names.operation]: 'execute_tool',
      [names.mcpMethod]: request.method,
      [names.toolName]: name,
      [names.tenant]: tenant,
      [names.jsonRpcRequestId]: String(request.id).slice(0, ID_CHARS).toWellFormed(),
      ...transportAttributes(transport),
      ...agentIn(input),
    },
  });
}

/** The edge keeps no sessions, so none is named. */
function transportAttributes(transport: CallTransport): SpanAttributes {
  const { address, httpVersion, protocolVersion, server } = transport;
  const isVersion = typeof protocolVersion === 'string' && MCP_VERSION.test(protocolVersion);
  return {
    [names.mcpProtocolVersion]: isVersion ? protocolVersion : undefined,
    [names.networkTransport]: 'tcp',
    [names.networkProtocol]: 'http',
    [names.networkProtocolVersion]: httpVersion,
    [names.clientAddress]: address,
    ...server,
  };
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
