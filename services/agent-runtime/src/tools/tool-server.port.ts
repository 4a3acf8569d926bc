import type { ModelTool } from '../models/model.port.js';

export interface ToolCallRequest {
  /** Name at the server, without the server's prefix. */
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The same over all tries of one call; sent along when the tool's recovery policy is `key`. */
  readonly idempotencyKey?: string;
  readonly timeoutMs: number;
  /** W3C trace context. */
  readonly traceparent?: string;
}

export interface ToolResult {
  readonly content: string;
  readonly isError: boolean;
}

/** One MCP server of the operator's registry, connected on first use and again after it died. */
export interface ToolServer {
  readonly name: string;
  /**
   * Tools that the server offers, under their own names, in the server's order. Cached until the server says that they
   * changed. Safe to retry.
   *
   * @throws WorldError when the server can't be reached
   */
  list(): Promise<readonly ModelTool[]>;
  /**
   * Calls a tool once. A tool's own failure is a result with `isError`.
   *
   * @throws WorldError `retry: 'never'` when it is unknown whether the call happened, `'later'` when it surely did not
   */
  call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult>;
  close(): Promise<void>;
}
