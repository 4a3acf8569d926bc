import { resolve } from 'node:path';
import {
  Client,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { sleep, type Clock, type Logger } from '@skynet/platform';
import type { ServerEntry } from '../registry/registry.config.js';
import { boundedFetch, currentKey } from './bounded-fetch.js';
import { keepRawResults, rawResult } from './raw-results.js';
import type { ToolCallRequest } from './tool-server.port.js';

const CLIENT = { name: 'skynet-agent-runtime', version: '0.1.0' };
/** Key of an idempotency key in `_meta` of a tools/call. */
const IDEMPOTENCY_META = 'skynet/idempotencyKey';
/** Longest that one page of a list may take. */
export const LIST_LIMIT_MS = 30_000;
const PING_LIMIT_MS = 10_000;

export interface ConnectionOptions {
  readonly server: string;
  readonly entry: ServerEntry;
  /** Folder that a stdio server starts in unless its entry names one. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onToolsChanged: () => void;
  readonly onClosed: (connection: McpConnection) => void;
}

/** One connection to a server, and for stdio one process. Hands results on as the server sent them. */
export class McpConnection {
  private readonly client: Client;
  private readonly transport: Transport;
  /** Messages that came. */
  private heard = 0;

  private constructor(private readonly options: ConnectionOptions) {
    const { entry, log, server, onToolsChanged, onClosed } = options;
    this.client = new Client(CLIENT, {
      // Asking a stdio server which era it speaks would start it twice; the one over SSE is told by its transport.
      versionNegotiation: { mode: entry.transport === 'http' ? 'auto' : 'legacy' },
    });
    this.client.onclose = () => onClosed(this);
    this.client.onerror = (error) => {
      log.debug('tool server', { server, error });
      // Its transport, which is about to say so, would open a new session that nobody has greeted.
      if (error instanceof SseError) queueMicrotask(() => void this.client.close());
    };
    this.client.setNotificationHandler('notifications/tools/list_changed', onToolsChanged);
    this.transport = transportTo(options);
    keepRawResults(this.transport, () => (this.heard += 1));
  }

  /** Rejects when the server has not answered within the limit, and ends its process then. */
  static async open(options: ConnectionOptions): Promise<McpConnection> {
    const connection = new McpConnection(options);
    const { client, transport } = connection;
    try {
      await client.connect(transport, { timeout: options.entry.startSeconds * 1_000 });
    } catch (error) {
      await client.close().catch(() => undefined);
      throw error;
    }
    return connection;
  }

  /** Whether the server keeps a session for this connection, which it may lose. */
  get hasSession(): boolean {
    return this.transport.sessionId !== undefined;
  }

  /** One page of tools/list as it was sent. */
  async listPage(cursor: string | undefined): Promise<unknown> {
    const params = cursor === undefined ? {} : { cursor };
    const options = { timeout: LIST_LIMIT_MS };
    return rawResult(await this.client.request({ method: 'tools/list', params }, options));
  }

  /** The answer to tools/call as it was sent. */
  async call(request: ToolCallRequest, signal: AbortSignal): Promise<unknown> {
    const { tool: name, idempotencyKey, timeoutMs: timeout } = request;
    const params = { name, arguments: { ...request.arguments }, _meta: metaOf(request) };
    const options = {
      signal,
      timeout,
      resetTimeoutOnProgress: false,
      maxTotalTimeout: timeout,
      // Without an output schema: schemas of strangers are not compiled here.
      toolDefinition: { name, inputSchema: { type: 'object' as const } },
    };
    return rawResult(
      await currentKey.run(idempotencyKey, () => this.client.callTool(params, options)),
    );
  }

  /** Whether the server still says anything when it is pinged; one over Streamable HTTP is asked anew by every request. */
  async isAlive(): Promise<boolean> {
    if (this.options.entry.transport === 'http') return true;
    const before = this.heard;
    const given = sleep(this.options.clock, PING_LIMIT_MS);
    await Promise.race([this.client.ping().catch(() => given), given]);
    return this.heard > before;
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

function transportTo({ entry, folder }: ConnectionOptions): Transport {
  if (entry.transport === 'stdio') {
    const { command, args, env } = entry;
    const cwd = resolve(folder, entry.cwd ?? '');
    return new StdioClientTransport({ command, args, env, cwd, stderr: 'ignore' });
  }
  const { url, headers, maxAnswerBytes } = entry;
  const options = { requestInit: { headers }, fetch: boundedFetch(maxAnswerBytes) };
  return entry.transport === 'sse'
    ? new SSEClientTransport(new URL(url), options)
    : new StreamableHTTPClientTransport(new URL(url), options);
}

function metaOf({ traceparent, idempotencyKey }: ToolCallRequest): Record<string, unknown> {
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(idempotencyKey === undefined ? {} : { [IDEMPOTENCY_META]: idempotencyKey }),
  };
}
