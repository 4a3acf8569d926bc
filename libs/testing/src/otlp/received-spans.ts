import type { Attribute, AttributeValue, ExportRequest, SentSpan } from './export-request.js';

/** A span as it came over the wire. */
export interface ReceivedSpan {
  /** `service.name` of the process. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Ids of linked spans. */
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  /** Of the status, for people. */
  readonly message: string | undefined;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly events: readonly ReceivedSpanEvent[];
  /** Of the process. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface ReceivedSpanEvent {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Spans in order of arrival, and who waits for them. */
export class ReceivedSpans {
  readonly all: ReceivedSpan[] = [];
  readonly #watchers = new Set<() => void>();

  add(request: ExportRequest): void {
    this.all.push(...spansOf(request));
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Resolves when the spans are so; looks each time that some arrive. */
  until(isSo: (spans: readonly ReceivedSpan[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo(this.all)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

const STATUS_ERROR = 2;

function spansOf({ resourceSpans }: ExportRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const process = recordOf(resource.attributes);
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => received(process, span)));
  });
}

function received(resource: Readonly<Record<string, unknown>>, span: SentSpan): ReceivedSpan {
  const { name, traceId, spanId, parentSpanId, links = [], attributes = [], status } = span;
  return {
    service: String(resource['service.name']),
    name,
    traceId,
    spanId,
    parentSpanId: parentSpanId === '' ? undefined : parentSpanId,
    links: links.map((link) => link.spanId),
    attributes: recordOf(attributes),
    isError: status?.code === STATUS_ERROR,
    message: status?.message,
    startMs: millisOf(span.startTimeUnixNano),
    endMs: millisOf(span.endTimeUnixNano),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      atMs: millisOf(event.timeUnixNano),
      attributes: recordOf(event.attributes ?? []),
    })),
    resource,
  };
}

function millisOf(nanos: string): number {
  return Number(BigInt(nanos) / 1_000n) / 1_000;
}

function recordOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain({ intValue, arrayValue, ...value }: AttributeValue): unknown {
  if (arrayValue !== undefined) {
    const { values = [] } = arrayValue as { readonly values?: readonly AttributeValue[] };
    return values.map(plain);
  }
  return intValue === undefined ? Object.values(value)[0] : Number(intValue);
}
