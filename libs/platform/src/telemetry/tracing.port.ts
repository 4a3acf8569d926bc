export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

export interface SpanOptions {
  /** `traceparent` of the span above. Default: the span begins a trace. */
  readonly parent?: string;
  /** Default: internal. */
  readonly kind?: SpanKind;
  readonly attributes?: SpanAttributes;
  /** `traceparent`s of spans that this one goes on from. */
  readonly links?: readonly string[];
  /** Epoch milliseconds. Default: now. */
  readonly startMs?: number;
  /** 16 hex digits of `derivedSpanId`. Default: by chance. */
  readonly spanId?: string;
}

/** A piece of work with a beginning and an end. What happens after `end` changes nothing. */
export interface Span {
  /** What to hand on to the work below; undefined when nothing is traced. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** Prompts, answers, arguments, results: read and set only where the operator lets them into spans. */
  setContent(read: () => SpanAttributes): void;
  /** Marks the span as failed; `type` has few values (`error.type` of the conventions). */
  fail(type: string, message?: string): void;
  /** Lines that are logged inside carry the trace. */
  within<Result>(work: () => Result): Result;
  end(): void;
}

/** Starts spans. Never throws for what the receiver of the spans does. */
export interface Tracing {
  start(name: string, options?: SpanOptions): Span;
  /** Sends what is left, for 2 s at most. */
  close(): Promise<void>;
}
