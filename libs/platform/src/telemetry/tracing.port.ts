import type { TraceContext } from '../runtime/traceparent.js';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** `messaging`: how a message went from one service to another. */
export type SpanDetail = 'messaging';

export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

export interface SpanOptions {
  /** The span above; a text: its `traceparent`. Default: the span begins a trace. */
  readonly parent?: string | TraceContext;
  /** Default: internal. */
  readonly kind?: SpanKind;
  /** They must not change any more, and neither must those that are set later. */
  readonly attributes?: SpanAttributes;
  /** Spans that this one goes on from; texts: their `traceparent`s. */
  readonly links?: readonly (string | TraceContext)[];
  /** Epoch milliseconds. Default: now. */
  readonly startMs?: number;
  /** 16 hex digits of `derivedSpanId`. Default: by chance. */
  readonly spanId?: string;
  /** One of those that are recorded only where the operator asks for them; else it passes on the span above. Default: none. */
  readonly detail?: SpanDetail;
}

/** A text of content as it may stand in a span: without secrets, and no more than its first so many characters. */
export type ShowText = (text: string, chars: number) => string;

/** A piece of work with a beginning and an end. What happens after `end` changes nothing. */
export interface Span {
  /** What to hand on to the work below; undefined when nothing is traced. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** Prompts, answers, arguments, results: read and set only where the operator lets them into spans. */
  setContent(read: (show: ShowText) => SpanAttributes): void;
  /** Marks the span as failed; `type` has few values (`error.type` of the conventions). */
  fail(type: string, message?: string): void;
  /** Lines that are logged inside carry the trace. */
  within<Result>(work: () => Result): Result;
  /** Something that happened meanwhile, at that time in epoch milliseconds. Default: now. */
  event(name: string, attributes?: SpanAttributes, atMs?: number): void;
  /** `endMs`: epoch milliseconds. Default: now. */
  end(endMs?: number): void;
}

/** Starts spans. Never throws for what the receiver of the spans does. */
export interface Tracing {
  /** Undefined unless the operator lets content into spans. */
  readonly showText: ShowText | undefined;
  start(name: string, options?: SpanOptions): Span;
  /** Sends what is left, for 2 s at most. */
  close(): Promise<void>;
}
