import {
  Client,
  ProtocolError,
  type Progress,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import {
  outboundFetch,
  OutboundGuard,
  sleep,
  type Clock,
  type Logger,
  type Resolve,
} from '@skynet/platform';
import type { HostConnector, Started } from '@skynet/tool-host';
import type { ServerEntry } from '../../registry/registry.config.js';
import type { ModelTool } from '../../models/model.port.js';
import { boundedFetch, currentKey } from './bounded-fetch.js';
import { CallLimit } from './call-limit.js';
import { ServerEndedError } from './call-failure.js';
import { HostedTransport } from './hosted-transport.js';
import { launchRequestOf, type LaunchSetting } from './launch-request.js';
import { OpenCalls } from './open-calls.js';
import { keepRawResults, rawResult } from './raw-results.js';
import { authorizationFor, toServerOnly } from './server-authorization.js';
import { TASKS_EXTENSION, type TaskMethod } from './tool-task.js';
import type { RemoteEntry } from '../remote-entry.js';
import type { ServerLogins } from '../logins/server-logins.js';
import { readProgress } from '../reading/call-progress.js';
import type { Offering, ReadMethod } from '../reading/server-reads.js';
import type { ToolCallRequest } from '../tool-server.port.js';

const CLIENT = { name: 'skynet-agent-runtime', version: '0.1.0' };
/** Key of an idempotency key in `_meta` of a tools/call. */
const IDEMPOTENCY_META = 'skynet/idempotencyKey';
/** Keys of the user of a call in its `_meta`. */
const USER_META = {
  tenant: 'dev.skynet-mcp/tenant',
  agentId: 'dev.skynet-mcp/agentId',
  rootId: 'dev.skynet-mcp/rootAgentId',
} as const;
/** Longest that one page of a list may take. */
export const LIST_LIMIT_MS = 30_000;
/** Of the instructions of a server, so much is compared and kept. */
const MAX_INSTRUCTIONS_CHARS = 32_000;
/** Calls have limits of their own; the client takes no longer one. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
const PING_LIMIT_MS = 10_000;
/** The client takes methods of extensions with a schema alone. */
const anything = z.looseObject({});

export interface ConnectionOptions {
  readonly server: string;
  readonly entry: ServerEntry;
  /** Folder that a stdio server starts in unless its entry names one. */
  readonly folder: string;
  /** Files and folders that no stdio server sees. */
  readonly hidden: readonly string[];
  /** Whose home a stdio server has. Default: one for all. */
  readonly holder?: LaunchSetting['holder'];
  /** Who starts stdio servers. */
  readonly hosts: HostConnector;
  /** Finds the addresses of servers over HTTP. Default: the system's. */
  readonly resolve?: Resolve;
  /** Of people to servers over HTTP. Default: there are none, and nobody is told of them. */
  readonly logins?: ServerLogins;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onToolsChanged: () => void;
  readonly onStarted: (started: Started) => void;
  readonly onClosed: (connection: McpConnection) => void;
}

/** One connection to a server, and for stdio one process. Hands results on as the server sent them. */
export class McpConnection {
  private readonly client: Client;
  private readonly transport: Transport;
  /** Messages that came. */
  private heard = 0;
  private isClosed = false;
  private readonly calls: OpenCalls;

  private constructor(private readonly options: ConnectionOptions) {
    const { entry, log, server, onToolsChanged, onClosed } = options;
    this.client = new Client(CLIENT, {
      capabilities: {
        elicitation: { form: {}, url: {} },
        // Over a connection that ends with a process, a task would end with it, too.
        ...(entry.transport === 'http' && { extensions: { [TASKS_EXTENSION]: {} } }),
      },
      // Asking a stdio server which era it speaks would start it twice; the one over SSE is told by its transport.
      versionNegotiation: { mode: entry.transport === 'http' ? 'auto' : 'legacy' },
    });
    this.client.onclose = () => {
      this.isClosed = true;
      onClosed(this);
    };
    this.client.onerror = (error) => {
      log.debug('tool server', { server, error });
      // Its transport, which is about to say so, would open a new session that nobody has greeted.
      if (error instanceof SseError) queueMicrotask(() => void this.client.close());
    };
    this.client.setNotificationHandler('notifications/tools/list_changed', onToolsChanged);
    this.client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) =>
      this.calls.answer(params, mcpReq.signal),
    );
    this.transport = transportTo(options);
    const unanswered = keepRawResults(this.transport, () => (this.heard += 1));
    // Over HTTP a question comes on the connection of its call.
    this.calls = new OpenCalls(entry.transport === 'http' ? undefined : unanswered);
  }

  /** Rejects when the server has not answered within the limit, and ends its process then. */
  static async open(options: ConnectionOptions): Promise<McpConnection> {
    const connection = new McpConnection(options);
    const { client, transport } = connection;
    try {
      await client.connect(transport, { timeout: options.entry.startSeconds * 1_000 });
    } catch (error) {
      const told = connection.explained(error);
      await client.close().catch(() => undefined);
      await transport.close().catch(() => undefined);
      throw told;
    }
    return connection;
  }

  /** Whether the server keeps a session for this connection, which it may lose. */
  get hasSession(): boolean {
    return this.transport.sessionId !== undefined;
  }

  /** What it has said of itself, for models; empty where it says nothing. */
  get instructions(): string {
    const said: unknown = this.client.getInstructions();
    return typeof said === 'string' ? said.slice(0, MAX_INSTRUCTIONS_CHARS).toWellFormed() : '';
  }

  /** What it has beside tools. */
  get offers(): ReadonlySet<Offering> {
    const { resources, prompts } = this.client.getServerCapabilities() ?? {};
    const found: Offering[] = [];
    if (resources !== undefined) found.push('resources');
    if (prompts !== undefined) found.push('prompts');
    return new Set(found);
  }

  /** The answer to a request that reads, as it was sent. */
  async read(
    method: ReadMethod,
    params: Readonly<Record<string, unknown>>,
    limits: { readonly timeout: number; readonly signal: AbortSignal },
  ): Promise<unknown> {
    // The raw result is taken, whatever the method's own would be.
    const request = { method, params } as {
      method: 'resources/list';
      params: Record<string, unknown>;
    };
    try {
      return rawResult(await this.client.request(request, limits));
    } catch (error) {
      throw this.isClosed ? this.explained(error) : error;
    }
  }

  /** The answer to a request about a task, as it was sent. */
  async askAbout(
    method: TaskMethod,
    params: Readonly<Record<string, unknown>>,
    limits: { readonly timeout: number; readonly signal?: AbortSignal },
  ): Promise<unknown> {
    return rawResult(await this.client.request({ method, params }, anything, limits));
  }

  /** One page of tools/list as it was sent. */
  async listPage(cursor: string | undefined): Promise<unknown> {
    const params = cursor === undefined ? {} : { cursor };
    const options = { timeout: LIST_LIMIT_MS };
    return rawResult(await this.client.request({ method: 'tools/list', params }, options));
  }

  /** The answer to tools/call as it was sent. */
  async call(
    request: ToolCallRequest,
    signal: AbortSignal,
    inputSchema: ModelTool['inputSchema'] = {},
  ): Promise<unknown> {
    const { tool: name, idempotencyKey, timeoutMs: idleMs, mostMs = idleMs } = request;
    const { told } = request;
    const params = {
      ...{ name, arguments: { ...request.arguments }, _meta: metaOf(request) },
      ...(told !== undefined && { inputResponses: told.answers, requestState: told.state }),
    };
    const limit = new CallLimit(this.options.clock, { idleMs, mostMs }, signal);
    const options = {
      signal: limit.signal,
      timeout: NO_TIMEOUT_MS,
      onprogress: (told: Progress) => {
        limit.heard();
        const progress = request.onProgress && readProgress(told);
        if (progress !== undefined) request.onProgress?.(progress);
      },
      // Without an output schema: schemas of strangers are not compiled here.
      toolDefinition: { name, inputSchema: { ...inputSchema, type: 'object' as const } },
    };
    try {
      return rawResult(
        await currentKey.run(idempotencyKey, () =>
          this.calls.run(request, limit, () => this.client.callTool(params, options)),
        ),
      );
    } catch (error) {
      throw this.isClosed ? this.explained(error) : error;
    } finally {
      limit.end();
    }
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

  /** How the process ended and what it wrote to stderr last, where there is one. */
  private explained(error: unknown): unknown {
    if (!(this.transport instanceof HostedTransport) || error instanceof ProtocolError)
      return error;
    return new ServerEndedError(this.transport.explain(error), { cause: error });
  }
}

const advice = 'write allowPrivate: true in its entry of the registry if it may be reached';

function transportTo(options: ConnectionOptions): Transport {
  const { entry, hosts, server, onStarted } = options;
  if (entry.transport === 'stdio') {
    return new HostedTransport(hosts, launchRequestOf(server, entry, options), onStarted);
  }
  const login = options.logins?.providerFor(server, entry);
  const authProvider = authorizationFor(entry) ?? login;
  const means = {
    requestInit: { headers: entry.headers },
    fetch: fetchFor(entry, options, login !== undefined),
    ...(authProvider !== undefined && { authProvider }),
  };
  const url = new URL(entry.url);
  return entry.transport === 'sse'
    ? new SSEClientTransport(url, means)
    : new StreamableHTTPClientTransport(url, means);
}

function fetchFor(
  entry: RemoteEntry,
  { server, resolve, logins }: ConnectionOptions,
  showsLogin: boolean,
) {
  const { url, maxAnswerBytes, allowPrivate, oauth } = entry;
  const written = oauth?.issuer === undefined ? [url] : [url, oauth.issuer];
  const send = outboundFetch(new OutboundGuard({ written, allowPrivate, advice, resolve }));
  const answered = boundedFetch(maxAnswerBytes, send);
  const bounded =
    showsLogin && logins !== undefined ? logins.withScopeAsked(server, entry, answered) : answered;
  return toServerOnly(entry, bounded, (asked, init) => currentKey.exit(() => bounded(asked, init)));
}

function metaOf(request: ToolCallRequest): Record<string, unknown> {
  const { traceparent, tracestate, baggage, idempotencyKey, user } = request;
  const all = {
    traceparent,
    tracestate,
    baggage,
    [IDEMPOTENCY_META]: idempotencyKey,
    [USER_META.tenant]: user?.tenant,
    [USER_META.agentId]: user?.agentId,
    [USER_META.rootId]: user?.rootId,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
