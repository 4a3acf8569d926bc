import {
  formatTraceparent,
  noTracing,
  tracePlaceOf,
  withinTrace,
  type ShowText,
  type Span,
  type SpanOptions,
  type TraceContext,
  type Tracing,
} from '@skynet/platform';

/** A span as the code under test made it. */
export interface RecordedSpan extends Omit<SpanOptions, 'attributes' | 'parent' | 'links'> {
  readonly name: string;
  readonly parent?: string | undefined;
  readonly links?: readonly string[];
  readonly traceparent: string;
  readonly attributes: Record<string, unknown>;
  readonly content: Record<string, unknown>;
  error?: { readonly type: string; readonly message: string | undefined };
  readonly events: {
    readonly name: string;
    readonly attributes: object;
    readonly atMs?: number | undefined;
  }[];
  isEnded: boolean;
  /** As it was said. */
  endMs?: number | undefined;
}

/** Keeps every span, with ids that count up; those of details are not made. */
export class RecordingTracing implements Tracing {
  readonly spans: RecordedSpan[] = [];

  constructor(readonly showText: ShowText = (text, chars) => text.slice(0, chars)) {}

  start(name: string, options: SpanOptions = {}): Span {
    if (options.detail !== undefined) return noTracing.start(name, options);
    const count = this.spans.length + 1;
    const { parent, links: _, ...rest } = options;
    const above = tracePlaceOf(parent);
    const traceparent = formatTraceparent({
      traceId: above?.traceId ?? hex(count, 32),
      spanId: options.spanId ?? hex(count, 16),
      isSampled: above?.isSampled ?? true,
    });
    const attributes = { ...options.attributes };
    const span: RecordedSpan = {
      ...rest,
      ...placesIn(options),
      name,
      traceparent,
      attributes,
      content: {},
      events: [],
      isEnded: false,
    };
    this.spans.push(span);
    return {
      traceparent,
      set: (more) => void Object.assign(span.attributes, more),
      setContent: (read) => void Object.assign(span.content, read(this.showText)),
      fail: (type, message) => {
        span.error = { type, message };
      },
      within: (work) => withinTrace(traceparent, work),
      event: (what, more = {}, atMs) => {
        span.events.push({ name: what, attributes: more, atMs });
      },
      end: (endMs) => {
        span.isEnded = true;
        span.endMs = endMs;
      },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The span above, if it was made here. */
  parentOf(span: RecordedSpan): RecordedSpan | undefined {
    return this.spans.find(({ traceparent }) => traceparent === span.parent);
  }
}

function hex(count: number, digits: number): string {
  return count.toString(16).padStart(digits, '0');
}

function placesIn(options: SpanOptions): Pick<RecordedSpan, 'parent' | 'links'> {
  const { parent, links } = options;
  return {
    ...('parent' in options && { parent: parent && textOf(parent) }),
    ...(links !== undefined && { links: links.map(textOf) }),
  };
}

function textOf(place: string | TraceContext): string {
  return typeof place === 'string' ? place : formatTraceparent(place);
}
