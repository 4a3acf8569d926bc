import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Client,
  ProtocolError,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { WorldError, type Clock, type Logger } from '@skynet/platform';
import type { HostConnector, Started } from '@skynet/tool-host';
import type { ModelTool } from '../models/model.port.js';
import type { ServerEntry } from '../registry/registry.config.js';
import { HostedTransport } from './hosted-transport.js';
import { launchRequestOf } from './launch-request.js';
import { textOf } from './tool-content.js';
import type { ToolCallRequest, ToolResult, ToolServer } from './tool-server.port.js';

const CLIENT = { name: 'skynet-agent-runtime', version: '0.1.0' };
const CONNECT_MS = 15_000;
const MINUTE_MS = 60_000;
/** Over HTTP nobody says that the tools have changed. */
const HTTP_LIST_VALID_MS = MINUTE_MS;
/** Key of an idempotency key in `_meta` of a tools/call. */
const IDEMPOTENCY_META = 'skynet/idempotencyKey';

/** The idempotency key of the call under way, for the HTTP header. */
const currentKey = new AsyncLocalStorage<string | undefined>();

export interface McpToolServerOptions {
  readonly entry: ServerEntry;
  /** Folder that a stdio server starts in unless its entry names one. */
  readonly folder: string;
  /** Files and folders that no stdio server sees. */
  readonly hidden: readonly string[];
  /** Who starts stdio servers. */
  readonly hosts: HostConnector;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One MCP server over stdio or Streamable HTTP: one connection, and for stdio one process, for all agents of a worker. */
export class McpToolServer implements ToolServer {
  private connection: Promise<Client> | undefined;
  /** The one that `connection` has led to. */
  private client: Client | undefined;
  private tools: Promise<readonly ModelTool[]> | undefined;
  private readonly startedAtMs: number[] = [];
  private listedAtMs = 0;
  private isClosed = false;
  private isToldOfSandbox = false;

  constructor(
    readonly name: string,
    private readonly options: McpToolServerOptions,
  ) {}

  list(): Promise<readonly ModelTool[]> {
    const nowMs = this.options.clock.monotonicMs();
    if (this.options.entry.transport === 'http' && nowMs - this.listedAtMs > HTTP_LIST_VALID_MS) {
      this.tools = undefined;
    }
    if (this.tools === undefined) this.listedAtMs = nowMs;
    this.tools ??= this.fetchTools().catch((error: unknown) => {
      this.tools = undefined;
      throw error;
    });
    return this.tools;
  }

  async call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    const client = await this.connect();
    if (signal.aborted) throw new WorldError(`${this.name}: given up before the call`, 'later');
    try {
      return await this.callOn(client, request, signal);
    } catch (error) {
      if (!isUnknownSession(error)) throw error;
      // The server was restarted and has not looked at the call.
      this.forget(client);
      void client.close();
      return this.callOn(await this.connect(), request, signal);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const client = await this.connection?.catch(() => undefined);
    await client?.close();
  }

  private async callOn(
    client: Client,
    request: ToolCallRequest,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { tool: name, idempotencyKey, timeoutMs: timeout } = request;
    const params = { name, arguments: { ...request.arguments }, _meta: metaOf(request) };
    const options = { signal, timeout, resetTimeoutOnProgress: false, maxTotalTimeout: timeout };
    try {
      const result = await currentKey.run(idempotencyKey, () => client.callTool(params, options));
      return { content: textOf(result), isError: result.isError === true };
    } catch (error) {
      // The server itself has answered: the call was refused, not lost.
      if (error instanceof ProtocolError) return { content: error.message, isError: true };
      const retry = isTurnedAway(error) ? 'later' : 'never';
      throw new WorldError(`${this.name}: the call broke off`, retry, { cause: error });
    }
  }

  private connect(): Promise<Client> {
    this.connection ??= this.open().catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
    return this.connection;
  }

  private async open(): Promise<Client> {
    this.countStart();
    const { entry, log } = this.options;
    const client = new Client(CLIENT, {
      // Asking a stdio server which era it speaks would start it twice.
      versionNegotiation: { mode: entry.transport === 'stdio' ? 'legacy' : 'auto' },
    });
    client.onclose = () => this.forget(client);
    client.onerror = (error) => log.debug('tool server', { server: this.name, error });
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      this.tools = undefined;
    });
    const transport = this.transport();
    try {
      await client.connect(transport, { timeout: CONNECT_MS });
    } catch (error) {
      void transport.close();
      throw noConnection(this.name, transport, error);
    }
    this.client = client;
    return client;
  }

  private transport(): Transport {
    const { entry, hosts } = this.options;
    if (entry.transport === 'stdio') {
      const request = launchRequestOf(this.name, entry, this.options);
      return new HostedTransport(hosts, request, (started) => this.tellOfSandbox(started));
    }
    return new StreamableHTTPClientTransport(new URL(entry.url), {
      requestInit: { headers: entry.headers },
      fetch: (url, init) => fetch(url, withIdempotencyKey(init)),
    });
  }

  private tellOfSandbox({ sandbox, reason }: Started): void {
    if (sandbox !== 'none' || this.isToldOfSandbox) return;
    this.isToldOfSandbox = true;
    const fields = { server: this.name, reason: reason ?? 'its entry of the registry says so' };
    this.options.log.warn('a tool server runs without a sandbox', fields);
  }

  /** A server that dies again and again is not started for ever. */
  private countStart(): void {
    const { clock, entry } = this.options;
    if (this.isClosed) throw new WorldError(`${this.name}: shut down`, 'later');
    if (entry.transport !== 'stdio') return;
    const nowMs = clock.monotonicMs();
    while ((this.startedAtMs[0] ?? nowMs) < nowMs - MINUTE_MS) this.startedAtMs.shift();
    if (this.startedAtMs.length > entry.restarts && this.startedAtMs.length > 0) {
      throw new WorldError(`${this.name}: the server has died and is not started again`, 'later');
    }
    this.startedAtMs.push(nowMs);
  }

  private forget(client: Client): void {
    if (this.client !== client) return;
    this.options.log.warn('tool server is gone', { server: this.name });
    this.client = undefined;
    this.connection = undefined;
    this.tools = undefined;
  }

  private async fetchTools(): Promise<readonly ModelTool[]> {
    const client = await this.connect();
    try {
      const { tools } = await client.listTools();
      return tools.map(({ name, description, inputSchema }) => ({
        name,
        description: description ?? '',
        inputSchema,
      }));
    } catch (error) {
      throw new WorldError(`${this.name}: no list of tools`, 'later', { cause: error });
    }
  }
}

function noConnection(name: string, transport: Transport, error: unknown): WorldError {
  const told = error instanceof Error ? error.message : String(error);
  const reason = transport instanceof HostedTransport ? transport.explain(error) : told;
  return new WorldError(`${name}: no connection: ${reason}`, 'later', { cause: error });
}

/** HTTP statuses with which a server turns a request away before it has looked at the call. */
function isTurnedAway(error: unknown): boolean {
  if (!(error instanceof SdkHttpError)) return false;
  const { status } = error.data;
  return status >= 400 && status < 500 && status !== 408;
}

/** A restarted server of the older generation says 404 to the session that it does not know, some say 400. */
function isUnknownSession(error: unknown): boolean {
  if (!(error instanceof WorldError) || !(error.cause instanceof SdkHttpError)) return false;
  return [400, 404].includes(error.cause.data.status);
}

function metaOf({ traceparent, idempotencyKey }: ToolCallRequest): Record<string, unknown> {
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(idempotencyKey === undefined ? {} : { [IDEMPOTENCY_META]: idempotencyKey }),
  };
}

function withIdempotencyKey(init: RequestInit | undefined): RequestInit | undefined {
  const key = currentKey.getStore();
  if (key === undefined) return init;
  const headers = new Headers(init?.headers);
  headers.set('Idempotency-Key', key);
  return { ...init, headers };
}
