import { within, WorldError, type Clock } from '@skynet/platform';
import {
  ModelError,
  type FoundModel,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
  type ModelTool,
  type OnText,
} from '../models/model.port.js';
import type {
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from '../tools/tool-server.port.js';

/** A call that waits for the test to say what becomes of it. */
export interface HeldCall<Request, Answer> {
  readonly request: Request;
  readonly signal: AbortSignal;
  /** Of a model: says a piece of an answer that is still being made. */
  readonly say: (piece: string) => void;
  answer(answer: Answer): void;
  fail(error: Error): void;
}

/** Calls in the order of their arrival, each taken by the test once. */
class HeldCalls<Request, Answer> {
  private readonly arrived: HeldCall<Request, Answer>[] = [];
  private readonly takers: ((call: HeldCall<Request, Answer>) => void)[] = [];
  count = 0;

  /** `givenUp`: what a call ends with that is given up, once it was made or before. */
  hold(
    request: Request,
    signal: AbortSignal,
    givenUp: (isMade: boolean) => Error,
    say: (piece: string) => void = () => undefined,
  ): Promise<Answer> {
    if (signal.aborted) return Promise.reject(givenUp(false));
    this.count += 1;
    return new Promise((resolve, reject) => {
      const call = { request, signal, say, answer: resolve, fail: reject };
      signal.addEventListener('abort', () => reject(givenUp(true)), { once: true });
      const taker = this.takers.shift();
      if (taker === undefined) this.arrived.push(call);
      else taker(call);
    });
  }

  next(): Promise<HeldCall<Request, Answer>> {
    const call = this.arrived.shift();
    if (call !== undefined) return Promise.resolve(call);
    return new Promise((resolve) => this.takers.push(resolve));
  }
}

export type ModelCall = HeldCall<ModelRequest, Partial<ModelAnswer>>;
export type ToolCall = HeldCall<ToolCallRequest, ToolResult>;

const NO_USAGE = { inputTokens: 1, outputTokens: 1, costMicroUsd: 0 };

/** `puppet:<any>`: models that say what the test says. */
export class PuppetModels implements ModelProvider {
  readonly prefix = 'puppet';
  readonly overheadBytes = 0;
  private readonly calls = new HeldCalls<ModelRequest, Partial<ModelAnswer>>();

  find(): FoundModel {
    const call = async (
      request: ModelRequest,
      signal: AbortSignal,
      onText?: OnText,
    ): Promise<ModelAnswer> => {
      const givenUp = () => new ModelError('given up', { retryable: false });
      const answer = await this.calls.hold(request, signal, givenUp, onText);
      return { text: '', toolCalls: [], usage: NO_USAGE, ...answer };
    };
    const price = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
    return { model: { call }, price, defaultMaxTokens: 1_000 };
  }

  /** The next call that no test has taken yet. */
  next(): Promise<ModelCall> {
    return this.calls.next();
  }

  get count(): number {
    return this.calls.count;
  }
}

/** A tool server with one tool, `act`, that does what the test says. */
export class PuppetTools implements ToolServer {
  readonly tools: ModelTool[] = [
    { name: 'act', description: 'Acts.', inputSchema: { type: 'object' } },
  ];
  version = 0;
  state: ToolServerState = { kind: 'idle' };
  private readonly calls = new HeldCalls<ToolCallRequest, ToolResult>();
  private readonly closing = new AbortController();

  /** Without a clock no call takes too long. */
  constructor(
    readonly name: string,
    private readonly clock?: Clock,
  ) {}

  async list(): Promise<ToolList> {
    this.requireOpen();
    const list = { tools: [...this.tools], leftOut: [] };
    this.state = { kind: 'ready', list };
    return list;
  }

  async call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    this.requireOpen();
    const either = AbortSignal.any([signal, this.closing.signal]);
    const called = this.calls.hold(request, either, (isMade) =>
      isMade
        ? new WorldError('broke off', 'never')
        : new WorldError('given up before the call', 'later'),
    );
    if (this.clock === undefined) return called;
    const late = () => new WorldError('timed out', 'never');
    return within(this.clock, request.timeoutMs, called, late);
  }

  next(): Promise<ToolCall> {
    return this.calls.next();
  }

  get count(): number {
    return this.calls.count;
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private requireOpen(): void {
    if (this.closing.signal.aborted) throw new WorldError(`${this.name}: shut down`, 'later');
  }
}
