import { ProtocolError } from '@modelcontextprotocol/client';
import { sleep, WorldError } from '@skynet/platform';
import type { Started } from '@skynet/tool-host';
import type { ModelTool } from '../../models/model.port.js';
import { failureOf, mayBeUnknownSession, type CallFailure } from './call-failure.js';
import { LIST_LIMIT_MS, McpConnection, type ConnectionOptions } from './mcp-connection.js';
import { mayBeRead, readFromServer, withReads } from '../reading/server-reads.js';
import { readToolList } from '../reading/tool-list.js';
import { resultOfCall } from './tool-task.js';
import type {
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from '../tool-server.port.js';

const MINUTE_MS = 60_000;
/** Over HTTP nobody says that the tools have changed. */
const HTTP_LIST_VALID_MS = MINUTE_MS;
/** Pauses before what was surely not delivered is sent again: a server that is being replaced is soon back. */
const RETRY_PAUSES_MS = [200, 1_000, 3_000];
/** Of what a tool server says of an error besides its message. */
const MAX_DETAIL_CHARS = 2_000;

export type McpToolServerOptions = Omit<
  ConnectionOptions,
  'server' | 'onToolsChanged' | 'onClosed' | 'onStarted'
>;

/** One MCP server over stdio, Streamable HTTP or HTTP+SSE: one connection, and for stdio one process. */
export class McpToolServer implements ToolServer {
  private opening: Promise<McpConnection> | undefined;
  /** The one that `opening` has led to. */
  private connection: McpConnection | undefined;
  private tools: Promise<ToolList> | undefined;
  version = 0;
  private readonly startedAtMs: number[] = [];
  private listedAtMs = 0;
  private known: ToolList | undefined;
  /** Why it was not to be had last; absent once it was. */
  private failure: string | undefined;
  private isClosed = false;
  private isToldOfSandbox = false;

  constructor(
    readonly name: string,
    private readonly options: McpToolServerOptions,
  ) {}

  get state(): ToolServerState {
    const { known: list, failure: reason } = this;
    if (reason !== undefined) return { kind: 'failed', reason, list };
    if (this.connection !== undefined) return { kind: 'ready', list };
    return { kind: this.opening === undefined ? 'idle' : 'starting', list };
  }

  list(): Promise<ToolList> {
    const nowMs = this.options.clock.monotonicMs();
    const isRemote = this.options.entry.transport !== 'stdio';
    if (isRemote && nowMs - this.listedAtMs > HTTP_LIST_VALID_MS) {
      this.tools = undefined;
    }
    if (this.tools === undefined) this.listedAtMs = nowMs;
    this.tools ??= this.fetchTools().then(
      (list) => {
        this.failure = undefined;
        return (this.known = list);
      },
      (error: unknown) => {
        this.tools = undefined;
        this.failure = error instanceof Error ? error.message : String(error);
        throw error;
      },
    );
    return this.tools;
  }

  async call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    for (const pauseMs of RETRY_PAUSES_MS) {
      try {
        return await this.callOnce(request, signal);
      } catch (error) {
        if (!(error instanceof UnreachableError) || signal.aborted) throw error;
        await sleep(this.options.clock, pauseMs);
      }
    }
    return this.callOnce(request, signal);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const connection = await this.opening?.catch(() => undefined);
    await connection?.close();
  }

  private async callOnce(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    const { timeoutMs } = request;
    try {
      const isRead = await this.isRead(request.tool);
      if (isRead)
        return await this.inSession((connection) => {
          this.refuseIf(signal);
          const limits = { timeout: timeoutMs, signal };
          return readFromServer(request.tool, request.arguments, (method, params) =>
            connection.read(method, params, limits),
          );
        });
      const { clock } = this.options;
      return await resultOfCall({
        ...{ call: request, signal, clock },
        send: () => this.send(request, signal),
        ask: (method, params, limits) =>
          this.inSession((connection) => connection.askAbout(method, params, limits)),
      });
    } catch (error) {
      // The server itself has answered: the call was refused, not lost.
      if (error instanceof ProtocolError) return { content: refusalText(error), isError: true };
      if (error instanceof WorldError) throw error;
      throw this.failed(error, timeoutMs);
    }
  }

  private send(request: ToolCallRequest, signal: AbortSignal): Promise<unknown> {
    return this.inSession(async (connection) => {
      this.refuseIf(signal);
      return connection.call(request, signal, await this.schemaOf(request.tool));
    });
  }

  private refuseIf({ aborted }: AbortSignal): void {
    if (aborted) throw new WorldError(`${this.name}: given up before the call`, 'later');
  }

  /** Over HTTP some arguments may have to go along in headers, which nobody knows who has not seen the list. */
  private async schemaOf(tool: string): Promise<ModelTool['inputSchema'] | undefined> {
    if (this.options.entry.transport !== 'http') return undefined;
    const list = this.known ?? (await this.list().catch(() => undefined));
    return list?.tools.find(({ name }) => name === tool)?.inputSchema;
  }

  /** Whether it stands for something else that the server has, and is no tool of its own. */
  private async isRead(tool: string): Promise<boolean> {
    return mayBeRead(tool) && (await this.list()).reads?.has(tool) === true;
  }

  private failed(error: unknown, timeoutMs: number): WorldError {
    const { kind, reason } = failureOf(error, timeoutMs);
    this.options.log.warn('a tool call broke off', { server: this.name, reason });
    if (kind === 'timeout') void this.replaceIfHung();
    return this.errorOf({ kind, reason }, error);
  }

  private errorOf({ kind, reason }: CallFailure, cause: unknown): WorldError {
    const message = `${this.name}: ${reason}`;
    const isRemote = this.options.entry.transport !== 'stdio';
    if (kind === 'unreachable' && isRemote)
      return new UnreachableError(message, 'later', { cause });
    const retry = kind === 'unreachable' || kind === 'refused' ? 'later' : 'never';
    return new WorldError(message, retry, { cause });
  }

  /** A server that was restarted and does not know the session has not looked at what it was sent. */
  private async inSession<Result>(
    work: (connection: McpConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await this.connect();
    try {
      return await work(connection);
    } catch (error) {
      if (!connection.hasSession || !mayBeUnknownSession(error)) throw error;
      this.forget(connection);
      void connection.close();
      return work(await this.connect());
    }
  }

  /** A process that hangs would let every call of every agent time out. */
  private async replaceIfHung(): Promise<void> {
    const { connection } = this;
    if (connection === undefined || (await connection.isAlive())) return;
    this.options.log.warn('tool server hangs and is ended', { server: this.name });
    this.forget(connection);
    await connection.close();
  }

  private connect(): Promise<McpConnection> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      if (error instanceof WorldError) throw error;
      const { kind, reason } = failureOf(error, this.options.entry.startSeconds * 1_000);
      // Nothing has been sent yet but the greeting.
      const isThere = kind !== 'unreachable';
      throw this.errorOf(
        { kind: isThere ? 'refused' : kind, reason: `no connection: ${reason}` },
        error,
      );
    });
    return this.opening;
  }

  private async open(): Promise<McpConnection> {
    this.countStart();
    this.connection = await McpConnection.open({
      ...this.options,
      server: this.name,
      onStarted: (started) => this.tellOfSandbox(started),
      onToolsChanged: () => this.changed(),
      onClosed: (connection) => this.forget(connection),
    });
    this.version += 1;
    this.failure = undefined;
    return this.connection;
  }

  private tellOfSandbox({ sandbox, reason }: Started): void {
    if (sandbox !== 'none' || this.isToldOfSandbox) return;
    this.isToldOfSandbox = true;
    const fields = { server: this.name, reason: reason ?? 'its entry of the registry says so' };
    this.options.log.warn('a tool server runs without a sandbox', fields);
  }

  private changed(): void {
    this.tools = undefined;
    this.version += 1;
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

  private forget(connection: McpConnection): void {
    if (this.connection !== connection) return;
    this.options.log.warn('tool server is gone', { server: this.name });
    this.connection = undefined;
    this.opening = undefined;
    this.tools = undefined;
  }

  private async fetchTools(): Promise<ToolList> {
    try {
      const list = await this.inSession(async (connection) => {
        const fetchPage = (cursor: string | undefined) => connection.listPage(cursor);
        const overHttp = this.options.entry.transport === 'http';
        const read = await readToolList(fetchPage, { overHttp });
        const { instructions } = connection;
        const list = instructions === '' ? read : { ...read, instructions };
        return withReads(list, connection.offers);
      });
      for (const { tool, reason } of list.leftOut) {
        this.options.log.warn('a tool is left out', { server: this.name, tool, reason });
      }
      return list;
    } catch (error) {
      if (error instanceof WorldError) throw error;
      const { reason } = failureOf(error, LIST_LIMIT_MS);
      throw new WorldError(`${this.name}: no list of tools: ${reason}`, 'later', { cause: error });
    }
  }
}

/** Nothing was sent, and soon something may be. */
class UnreachableError extends WorldError {
  override readonly name = 'UnreachableError';
}

/** What the server says of a call that it refuses, data included: a URL to go to, or what was expected. */
function refusalText({ message, data }: ProtocolError): string {
  if (data === undefined || data === null) return message.toWellFormed();
  const detail = typeof data === 'string' ? data : JSON.stringify(data);
  return `${message}\n${detail.slice(0, MAX_DETAIL_CHARS)}`.toWellFormed();
}
