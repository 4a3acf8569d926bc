import {
  Client,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type CallToolResult,
} from '@modelcontextprotocol/client';
import {
  agentTexts,
  rejectionSchema,
  retryableCodes,
  treeTraces,
  type AgentText,
  type ToolContract,
  type TreeTrace,
} from '@skynet/contracts';
import type { z } from 'zod';
import { AttachmentFiles } from './attachment-files.js';
import { authorized, Refused, UNAUTHORIZED, type Connection } from './connection.js';
import { Patience, type Setback } from './patience.js';
import { patientFetch } from './patient-fetch.js';
import { pause } from './pause.js';
import { ServerError } from '../errors/server-error.js';

/** The trace that a call is made in, as W3C Trace Context writes it; what is none is ignored by the server. */
export interface TraceContext {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

export interface CallOptions {
  /** Hears what the server tells while it works. */
  readonly onProgress?: (message: string) => void;
  /** Hears what the agent that is waited for writes, while it does; with `textOf: 'tree'` all agents of its tree. None of it counts. */
  readonly onText?: (text: AgentText) => void;
  /** Default: `agent`. */
  readonly textOf?: 'agent' | 'tree';
  /** Hears where the trace of the agent's tree is; not called when that is not kept. */
  readonly onTrace?: (trace: TreeTrace) => void;
  /** Default: none, the server begins one. */
  readonly traceContext?: TraceContext;
  readonly signal?: AbortSignal;
  /** Whether the same call may be sent again. Default: for tools that only read. */
  readonly mayRepeat?: boolean;
  /** For how long it is sent again, once it was not answered. Default: 10 s. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;
const TOO_MANY = 429;
const awayCodes: ReadonlySet<SdkErrorCode> = new Set([
  SdkErrorCode.EraNegotiationFailed,
  SdkErrorCode.SendFailed,
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.NotConnected,
  SdkErrorCode.RequestTimeout,
]);

/** The edge's tools as functions; any MCP client could do the same. */
export class SkynetClient {
  /** Beside the tools. */
  readonly files: AttachmentFiles;

  private constructor(
    private readonly client: Client,
    private readonly connection: Connection,
  ) {
    this.files = new AttachmentFiles(connection);
  }

  /** @throws ServerError when nobody answers at the URL, or the token is refused */
  static async connect(connection: Connection): Promise<SkynetClient> {
    const client = new Client(
      { name: 'skynet', version: '0.1.0' },
      { versionNegotiation: { mode: 'auto' } },
    );
    const transport = new StreamableHTTPClientTransport(new URL(connection.mcp), {
      fetch: patientFetch({ fetch: authorized(connection) }),
    });
    try {
      await client.connect(transport);
    } catch (error) {
      throw inWords(error, connection);
    }
    return new SkynetClient(client, connection);
  }

  /**
   * Calls a tool. While the edge is away or says no for now, what may be repeated is sent again; one request too many waits
   * for 30 s.
   *
   * @throws Refused when the server says no
   * @throws ServerError when nobody answers
   */
  async call<Input extends z.ZodType, Output extends z.ZodType>(
    tool: ToolContract<Input, Output>,
    input: z.input<Input>,
    options: CallOptions = {},
  ): Promise<z.output<Output>> {
    const { mayRepeat = tool.hints.readOnlyHint, patienceMs = PATIENCE_MS, signal } = options;
    const patience = new Patience(patienceMs);
    for (;;) {
      const startMs = performance.now();
      try {
        const result = await this.callOnce(tool.name, input, options);
        tellTrace(result, options);
        return outputOf(tool, result);
      } catch (error) {
        signal?.throwIfAborted();
        const setback = mayRepeat ? setbackOf(error) : undefined;
        const waitMs = setback && patience.waitFor(setback, performance.now(), startMs);
        if (waitMs === undefined) throw inWords(error, this.connection);
        await pause(waitMs, signal);
      }
    }
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private callOnce(name: string, input: unknown, options: CallOptions) {
    const { signal } = options;
    const meta = metaOf(options);
    return this.client.callTool(
      {
        name,
        arguments: input as Record<string, unknown>,
        ...(meta !== undefined && { _meta: meta }),
      },
      { signal, onprogress: progressFor(options) },
    );
  }
}

function metaOf({ onProgress, onText, textOf = 'agent', traceContext }: CallOptions) {
  const isHeard = onProgress !== undefined || onText !== undefined;
  if (traceContext === undefined && !isHeard) return undefined;
  const wish = onText === undefined ? 'none' : textOf;
  return { ...traceContext, ...(isHeard && agentTexts.wishToMeta(wish)) };
}

function progressFor({ onProgress, onText }: CallOptions): ((told: Told) => void) | undefined {
  if (onProgress === undefined && onText === undefined) return undefined;
  return ({ message = '', _meta }) => {
    const text = agentTexts.ofMeta(_meta);
    if (text === undefined) onProgress?.(message);
    else onText?.(text);
  };
}

/** The SDK hands on all that the message of progress holds. */
interface Told {
  readonly message?: string | undefined;
  readonly _meta?: unknown;
}

function tellTrace({ _meta }: CallToolResult, { onTrace }: CallOptions): void {
  const trace = treeTraces.ofMeta(_meta);
  if (trace !== undefined) onTrace?.(trace);
}

function outputOf<Output extends z.ZodType>(
  { name, output }: ToolContract<z.ZodType, Output>,
  result: CallToolResult,
): z.output<Output> {
  if (result.isError !== true) return output.parse(result.structuredContent);
  const [content] = result.content;
  const text = content?.type === 'text' ? content.text : '';
  const { code, message, next, retryAfterMs } = parseRejection(name, text);
  throw new Refused(code, message, next, retryAfterMs);
}

function parseRejection(tool: string, text: string): z.infer<typeof rejectionSchema> {
  try {
    return rejectionSchema.parse(JSON.parse(text));
  } catch {
    throw new ServerError('EDGE_FAILED', `${tool} failed: ${text}`);
  }
}

/** Undefined for what would fail again. */
function setbackOf(error: unknown): Setback | undefined {
  if (error instanceof Refused) {
    const { code, retryAfterMs } = error;
    return retryableCodes.has(code) ? { kind: 'refused', retryAfterMs } : undefined;
  }
  return isAway(error) ? { kind: isSilence(error) ? 'silent' : 'away' } : undefined;
}

/** Nothing was heard for as long as a call may take. */
function isSilence(error: unknown): boolean {
  return SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout;
}

/** Nobody answers, or somebody else does. */
function isAway(error: unknown): boolean {
  if (SdkHttpError.isInstance(error)) return ![UNAUTHORIZED, TOO_MANY].includes(error.status);
  if (SdkError.isInstance(error)) return awayCodes.has(error.code);
  // What fetch throws.
  return error instanceof TypeError;
}

/** What is known to happen to a call; any other error stays as it is. */
function inWords(error: unknown, { mcp, source }: Connection): unknown {
  if (error instanceof Refused || error instanceof ServerError) return error;
  const cause = error;
  if (SdkHttpError.isInstance(error) && error.status === UNAUTHORIZED) {
    const message = `The server at ${mcp} refuses the token of ${source}.`;
    return new ServerError('EDGE_UNAUTHORIZED', message, { cause });
  }
  if (SdkHttpError.isInstance(error) && error.status === TOO_MANY) {
    const message = `The server at ${mcp} has too many requests from here, for longer than a command waits.`;
    return new ServerError('EDGE_RATE_LIMITED', message, { cause });
  }
  if (isSilence(error)) {
    return new ServerError('EDGE_SILENT', `The server at ${mcp} does not answer.`, { cause });
  }
  if (!isAway(error)) return error;
  const message = `No Skynet answers at ${mcp}, which ${source} names.`;
  return new ServerError('EDGE_AWAY', message, { cause });
}
