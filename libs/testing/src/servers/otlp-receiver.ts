import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

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

export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** All spans until now, in order of arrival. */
  readonly spans: readonly ReceivedSpan[];
  /** Resolves when the spans are so; looks each time that some arrive. */
  until(isSo: (spans: readonly ReceivedSpan[]) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Takes spans over OTLP, HTTP with JSON, on a free port. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const watchers = new Set<() => void>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      spans.push(...spansOf(JSON.parse(body) as ExportRequest));
      response.setHeader('content-type', 'application/json').end('{}');
      for (const watcher of [...watchers]) watcher();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    until: (isSo) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isSo(spans)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly spanId: string }[];
  readonly attributes?: readonly Attribute[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events?: readonly SentEvent[];
}

interface SentEvent {
  readonly name: string;
  readonly timeUnixNano: string;
  readonly attributes?: readonly Attribute[];
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
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

function plain({ intValue, ...value }: Attribute['value']): unknown {
  return intValue === undefined ? Object.values(value)[0] : Number(intValue);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
