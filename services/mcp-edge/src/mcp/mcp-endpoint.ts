import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { toNodeHandler, type NodeMcpRequestHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  PROTOCOL_VERSION_META_KEY,
  type AuthInfo,
  type CallToolRequest,
  type CallToolResult,
  type McpHttpHandler,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { agentTexts, hasRole, rejection, type Principal } from '@skynet/contracts';
import {
  serverAttributes,
  type Logger,
  type MessageBus,
  type SpanAttributes,
  type Tracing,
} from '@skynet/platform';
import { callerOf, httpVersionOf, principalOf, programOf } from '../access/request-guard.js';
import { missingScopes } from '../access/missing-scopes.js';
import type { RequestRates } from '../access/request-rates.js';
import type { CallRecords } from '../recording/call-record.js';
import type { Caller } from '../recording/caller.js';
import type { RefusedMessages } from '../recording/refused-messages.js';
import type { EdgeTool, ToolCall } from '../tools/edge-tool.js';
import { CallContext } from '../wire/call-context.js';
import { ClientMessages } from '../wire/client-messages.js';
import { clientTrace } from '../wire/client-trace.js';
import type { MessageBounds } from '../wire/message-bounds.js';
import { OpenCalls, type CallName } from '../wire/open-calls.js';
import { callSpan, setOutcome, type CallTransport } from './call-span.js';
import { ToolCaller } from './tool-caller.js';
import { messageMark } from './message-mark.js';
import type { TemplatePrompts } from './template-prompts.js';
import { listedTool } from './tool-listing.js';
import { resultOf } from './tool-result.js';
import type { TreeTraces } from './tree-traces.js';

export interface McpEndpointOptions {
  readonly tools: readonly EdgeTool[];
  /** The URL by which clients call. */
  readonly audience: string;
  readonly bodyLimitBytes: number;
  readonly messageBounds: MessageBounds;
  /** The guard has counted one message of each request. */
  readonly rates: Pick<RequestRates, 'chargePrincipal'>;
  /** To the other edges. */
  readonly bus: Pick<MessageBus, 'hint' | 'onHint'>;
  readonly prompts: Pick<TemplatePrompts, 'list' | 'get'>;
  readonly records: CallRecords;
  readonly refused: RefusedMessages;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly traces: Pick<TreeTraces, 'of'>;
}

type KnownRequest = IncomingMessage & { readonly auth?: AuthInfo };

const SERVER_INFO = { name: 'skynet-mcp', title: 'Skynet-MCP', version: '0.1.0' };
/** Hosts hand this to their models. */
const INSTRUCTIONS =
  'spawn_agent starts an agent in the background; with waitSeconds it answers with the result of a short one. Else call wait_agent, again and again while the status is none of completed, ' +
  'failed, terminated, expired or exhausted, and get_agent_result at the end; do not poll get_agent_status. ' +
  'An agent with status waiting and waitingFor.kind input needs answer_agent.';
const LIST_VALID_MS = 5 * 60 * 1_000;

/** MCP in both its eras on one URL: a fresh server per request, so that nothing is kept between two. */
export class McpEndpoint {
  private readonly answer: NodeMcpRequestHandler;
  private readonly handler: McpHttpHandler;
  private readonly ending = new AbortController();
  private readonly calls = new Set<Promise<unknown>>();
  private readonly open: OpenCalls;
  private readonly caller: ToolCaller;
  private readonly tools: ReadonlyMap<string, EdgeTool>;
  private readonly listing;
  private readonly server: SpanAttributes;

  constructor(private readonly options: McpEndpointOptions) {
    const { tools, bodyLimitBytes, messageBounds: bounds, records, log, bus } = options;
    this.open = new OpenCalls(bus);
    this.server = serverAttributes(options.audience);
    const onerror = (error: Error) => log.debug('mcp request refused', { error });
    const maxRequestBodySize = bodyLimitBytes;
    this.caller = new ToolCaller(log, records);
    this.tools = new Map(tools.map((tool) => [tool.contract.name, tool]));
    this.listing = tools.map((tool) => ({ tool, listed: listedTool(tool.contract) }));
    this.handler = createMcpHandler(
      ({ authInfo, requestInfo }) => this.serverFor(callerOf(authInfo), requestInfo?.headers),
      { legacy: 'stateless', maxRequestBodySize, onerror },
    );
    this.answer = toNodeHandler(this.messages(bounds), { maxRequestBodySize, onerror });
  }

  /** Behind the guard, which says whose request it is. */
  async handle(request: KnownRequest, response: ServerResponse): Promise<void> {
    await this.answer(request, response);
    this.options.refused.answered(callerOf(request.auth), response.statusCode);
  }

  /** Answers the calls under way, those that wait with what is known by now, and ends open streams. Agents go on. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.open.stop();
    await Promise.allSettled(this.calls);
    // The SDK hands an answer over in the same turn of the event loop; closing earlier would drop it.
    await setImmediate();
    await this.handler.close();
  }

  private messages(bounds: MessageBounds): ClientMessages {
    const { rates, refused } = this.options;
    return new ClientMessages({
      bounds,
      fetch: this.handler.fetch,
      onBatch: (size, options) => rates.chargePrincipal(principalOf(options?.authInfo), size - 1),
      onExcess: (options) => refused.heldTooMuch(callerOf(options?.authInfo)),
      onCancel: (id, options) => this.open.cancel(callNamed(id, options?.authInfo)),
    });
  }

  private serverFor(caller: Caller, headers: Headers | undefined): McpServer {
    const { principal } = caller;
    const outer = new McpServer(SERVER_INFO, {
      capabilities: { tools: { listChanged: false }, prompts: { listChanged: false } },
      instructions: INSTRUCTIONS,
      cacheHints: { 'tools/list': { ttlMs: LIST_VALID_MS, cacheScope: 'private' } },
    });
    outer.resolveScopeChallenge = ({ request: { method, params } }) =>
      method === 'tools/call' ? this.challenge(caller, params, headers) : undefined;
    // The low-level server: it leaves schemas, results and errors to us.
    const { server } = outer;
    server.setRequestHandler('tools/list', () => ({ tools: this.toolsFor(principal) }));
    server.setRequestHandler('tools/call', (request, context) =>
      this.call(caller, request, context),
    );
    const { prompts } = this.options;
    server.setRequestHandler('prompts/list', () => prompts.list(principal));
    server.setRequestHandler('prompts/get', ({ params }) =>
      prompts.get(principal, params.name, params.arguments),
    );
    return outer;
  }

  /** What the token lacks for the call, which goes no further then. */
  private async challenge(
    caller: Caller,
    params: Readonly<Record<string, unknown>> = {},
    headers?: Headers,
  ): Promise<ReturnType<typeof missingScopes>> {
    const tool = this.tools.get(String(params['name']))?.contract;
    const missing = missingScopes(caller.principal, tool);
    if (tool !== undefined && missing !== undefined) {
      const input = params['arguments'];
      const lacks = `${tool.name} needs a token with the scope ${missing.scopes[0]}`;
      const traceparent = clientTrace(params['_meta'], headers);
      const record = this.options.records.of({ tool, input, caller, traceparent });
      await record.end(rejection('FORBIDDEN', lacks));
    }
    return missing;
  }

  private toolsFor(principal: Principal) {
    return this.listing
      .filter(({ tool }) => hasRole(principal, tool.contract.role) && tool.isFor(principal))
      .map(({ listed }) => listed);
  }

  private async call(
    caller: Caller,
    { params }: CallToolRequest,
    context: ServerContext,
  ): Promise<CallToolResult> {
    const tool = this.tools.get(params.name);
    if (tool === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${params.name}`);
    }
    const { contract } = tool;
    const { tenant } = caller.principal;
    const { mcpReq, http } = context;
    const sent = { meta: mcpReq._meta, headers: http?.req?.headers };
    const parent = clientTrace(sent.meta, sent.headers);
    const transport = this.transportOf(caller, context);
    const input = params.arguments;
    const called = { contract, input, tenant, request: mcpReq, parent, transport };
    const span = callSpan(this.options.tracing, called);
    const open = this.open.begin(callNamed(mcpReq.id, http?.authInfo));
    const { traceparent } = span;
    const answering = span.within(async () => {
      const answer = await this.caller.call(tool, input ?? {}, {
        ...caller,
        traceparent,
        context: new CallContext(sent, span, this.options.log),
        mark: messageMark(context),
        signal: AbortSignal.any([mcpReq.signal, open.signal, this.ending.signal]),
        report: reportTo(context),
        text: agentTexts.wishOfMeta(mcpReq._meta),
        bounds: this.options.messageBounds,
      });
      setOutcome(span, answer);
      const trace = await this.options.traces.of(answer, { contract, tenant, traceparent });
      return resultOf(answer, { trace, edge: this.options.audience });
    });
    this.calls.add(answering);
    try {
      return await answering;
    } finally {
      open.close();
      this.calls.delete(answering);
      span.end();
    }
  }

  private transportOf({ address }: Caller, { mcpReq, http }: ServerContext): CallTransport {
    const envelope = Object(mcpReq.envelope) as Readonly<Record<string, unknown>>;
    const headers = http?.req?.headers;
    return {
      // Older clients say it in a header.
      protocolVersion: envelope[PROTOCOL_VERSION_META_KEY] ?? headers?.get('mcp-protocol-version'),
      httpVersion: httpVersionOf(http?.authInfo),
      address,
      server: this.server,
    };
  }
}

function callNamed(id: string | number, authInfo: AuthInfo | undefined): CallName {
  return { principal: principalOf(authInfo), program: programOf(authInfo), id };
}

function reportTo({ mcpReq }: ServerContext): ToolCall['report'] {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return ({ elapsedSeconds: progress, totalSeconds: total, message, meta }) =>
    mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken, progress, total, message, ...(meta && { _meta: { ...meta } }) },
    });
}
