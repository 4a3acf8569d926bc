import type { AgentEventData } from '@skynet/contracts';
import type { InputRequest } from '@skynet/domain-agents';
import type { ModelImage, ModelTool } from '../models/model.port.js';
import type { Definition } from './definition.js';

/** For whom a tool server is used; without an agent, for one that is to be spawned. */
export interface ToolUser {
  readonly tenant: string;
  readonly rootId?: string;
  readonly agentId?: string;
}

export interface ToolCallRequest {
  /** Name at the server, without the server's prefix. */
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The same over all tries of one call; sent along when the tool's recovery policy is `key`. */
  readonly idempotencyKey?: string;
  /** Longest without a word of the server. */
  readonly timeoutMs: number;
  /** Longest with all that it tells of its progress. Default: `timeoutMs`. */
  readonly mostMs?: number;
  /** Told what the server says of its progress, as often as it does. Default: nobody is. */
  readonly onProgress?: (progress: ToolProgress) => void;
  /**
   * Puts a question of the server to people while the call is open; its time does not run meanwhile. Rejects when nobody can be
   * asked, or the server has withdrawn it. Default: nobody can.
   */
  readonly onQuestion?: (question: InputRequest, withdrawn?: AbortSignal) => Promise<InputAnswer>;
  /** For a server that goes on with the call after it has answered. Default: nobody waits for that. */
  readonly task?: CallTask;
  /** What the server wanted to know when it was called last. Default: nothing. */
  readonly told?: ToldInput;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** Of the client that made the tree, as far as the server may see it; W3C forms. */
  readonly tracestate?: string;
  readonly baggage?: string;
  /** Told to the server. */
  readonly user?: ToolUser;
}

/** What a call goes on as at its server. */
export interface CallTask {
  /** What the call has led to before: it is asked for, and the tool is not called. Default: nothing yet. */
  readonly runningId?: string;
  /** Keeps the id, before the task is asked for. Rejects when it is not kept: the task is cancelled then. */
  readonly onStarted: (id: string) => Promise<void>;
  /** Once the call's signal has aborted: whether nobody will ask for the task any more. */
  readonly isOver: () => boolean;
}

export type InputAnswer = Pick<AgentEventData<'ToolInputGiven'>, 'action' | 'content'>;

/** What a server wants to know before it goes on with a call. */
export interface AskedInput {
  readonly requests: readonly InputRequest[];
  /** Its own; given back as it is. */
  readonly state?: string;
}

/** Answers to what a server has asked for, and its own state with them. */
export interface ToldInput {
  readonly answers: Readonly<Record<string, InputAnswer>>;
  readonly state?: string;
}

/** Where a call is that is under way. */
export interface ToolProgress {
  /** Empty where the server only counts. */
  readonly message: string;
  /** 0 to 100, a whole number. */
  readonly percent?: number;
}

export type ToolImage = ModelImage;

/** Bytes that are no text. */
export interface ToolFile {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly name?: string;
}

export interface ToolResult {
  readonly content: string;
  readonly isError: boolean;
  /** For models that see; absent when there are none. */
  readonly images?: readonly ToolImage[];
  /** What else it brought, to be kept beside the log; absent when there is nothing. */
  readonly files?: readonly ToolFile[];
  /** It is no result yet: the server wants to know this first, and is then called again. Absent: nothing. */
  readonly asks?: AskedInput;
  /** The same call has answered so before; none was made. */
  readonly fromCache?: true;
}

/** A tool that a server has and that is not offered. */
export interface LeftOut {
  /** Its name, or in brackets what it stands for. */
  readonly tool: string;
  readonly reason: string;
}

export interface ToolList {
  /** Under their own names, in the server's order, each name once. */
  readonly tools: readonly ModelTool[];
  readonly leftOut: readonly LeftOut[];
  /** What the server said of each of the tools, by name. Default: what the model is shown. */
  readonly definitions?: ReadonlyMap<string, Definition>;
  /** Names of those that only read and are not the server's own: what else it offers, as tools. Default: none. */
  readonly reads?: ReadonlySet<string>;
  /** What it says of all of them, whole. */
  readonly instructions?: string;
}

/** What is known of a server without asking it. */
export interface ToolServerState {
  /** `idle`: no connection, the next use makes one. */
  readonly kind: 'ready' | 'starting' | 'idle' | 'failed';
  /** Why it failed last. */
  readonly reason?: string;
  /** What it told last. */
  readonly list?: ToolList;
  /** Tools whose definition waits for approval, also where it has not told anything here. */
  readonly waiting?: readonly LeftOut[];
  /** Processes, or connections, that there are now. */
  readonly instances?: number;
}

/** One MCP server of the operator's registry, connected on first use and again after it died. */
export interface ToolServer {
  readonly name: string;
  /** Grows when the list may be another one. */
  readonly version: number;
  readonly state: ToolServerState;
  /**
   * Tools that the server offers. Cached until the server says that they changed. Safe to retry.
   *
   * @throws WorldError `retry: 'later'` when the server can't be reached or is still starting
   */
  list(): Promise<ToolList>;
  /**
   * Calls a tool once. Whatever the server answers is a result; a tool's own failure is one with `isError`.
   *
   * @throws WorldError `retry: 'never'` when it is unknown whether the call happened, `'later'` when it surely did not
   */
  call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult>;
  close(): Promise<void>;
}
