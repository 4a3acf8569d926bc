import { setImmediate } from 'node:timers/promises';
import { toNodeHandler, type NodeMcpRequestHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type CallToolRequest,
  type CallToolResult,
  type McpHttpHandler,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { hasRole, type Principal } from '@skynet/contracts';
import type { Logger } from '@skynet/platform';
import { principalOf } from '../access/request-guard.js';
import { traceparentOf } from '../commands/agent-command.js';
import type { EdgeTool, ToolCall } from '../tools/edge-tool.js';
import { ToolCaller } from './tool-caller.js';
import { listedTool } from './tool-listing.js';
import { resultOf } from './tool-result.js';

export interface McpEndpointOptions {
  readonly tools: readonly EdgeTool[];
  readonly bodyLimitBytes: number;
  readonly log: Logger;
}

const SERVER_INFO = { name: 'skynet-mcp', title: 'Skynet-MCP', version: '0.1.0' };
const LIST_VALID_MS = 5 * 60 * 1_000;

/** MCP in both its eras on one URL: a fresh server per request, so that nothing is kept between two. */
export class McpEndpoint {
  readonly handle: NodeMcpRequestHandler;
  private readonly handler: McpHttpHandler;
  private readonly ending = new AbortController();
  private readonly calls = new Set<Promise<unknown>>();
  private readonly caller: ToolCaller;
  private readonly tools: ReadonlyMap<string, EdgeTool>;
  private readonly listing;

  constructor({ tools, bodyLimitBytes, log }: McpEndpointOptions) {
    const onerror = (error: Error) => log.debug('mcp request refused', { error });
    const maxRequestBodySize = bodyLimitBytes;
    this.caller = new ToolCaller(log);
    this.tools = new Map(tools.map((tool) => [tool.contract.name, tool]));
    this.listing = tools.map(({ contract }) => ({ contract, listed: listedTool(contract) }));
    this.handler = createMcpHandler(({ authInfo }) => this.serverFor(principalOf(authInfo)), {
      legacy: 'stateless',
      maxRequestBodySize,
      onerror,
    });
    this.handle = toNodeHandler(this.handler, { maxRequestBodySize, onerror });
  }

  /** Answers the calls under way, those that wait with what is known by now, and ends open streams. Agents go on. */
  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.allSettled(this.calls);
    // The SDK hands an answer over in the same turn of the event loop; closing earlier would drop it.
    await setImmediate();
    await this.handler.close();
  }

  private serverFor(principal: Principal): McpServer['server'] {
    // The low-level server: it leaves schemas, results and errors to us.
    const { server } = new McpServer(SERVER_INFO, {
      capabilities: { tools: {} },
      cacheHints: { 'tools/list': { ttlMs: LIST_VALID_MS, cacheScope: 'private' } },
    });
    server.setRequestHandler('tools/list', () => ({ tools: this.toolsFor(principal) }));
    server.setRequestHandler('tools/call', (request, context) =>
      this.call(principal, request, context),
    );
    return server;
  }

  private toolsFor(principal: Principal) {
    return this.listing
      .filter(({ contract }) => hasRole(principal, contract.role))
      .map(({ listed }) => listed);
  }

  private async call(
    principal: Principal,
    { params }: CallToolRequest,
    context: ServerContext,
  ): Promise<CallToolResult> {
    const tool = this.tools.get(params.name);
    if (tool === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${params.name}`);
    }
    const called = this.caller.call(tool, params.arguments ?? {}, {
      principal,
      traceparent: traceparentOf(context.mcpReq._meta?.['traceparent']),
      signal: AbortSignal.any([context.mcpReq.signal, this.ending.signal]),
      report: reportTo(context),
    });
    this.calls.add(called);
    try {
      return resultOf(await called);
    } finally {
      this.calls.delete(called);
    }
  }
}

function reportTo({ mcpReq }: ServerContext): ToolCall['report'] {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return ({ elapsedSeconds, totalSeconds, message }) =>
    mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken, progress: elapsedSeconds, total: totalSeconds, message },
    });
}
