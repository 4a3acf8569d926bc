import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { requestOfProtobuf, type ExportRequest } from './export-request.js';
import { ReceivedSpans, type ReceivedSpan } from './received-spans.js';

export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** All spans until now, in order of arrival. */
  readonly spans: readonly ReceivedSpan[];
  /** Of all requests until now. */
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  /** Resolves when the spans are so; looks each time that some arrive. */
  until(isSo: (spans: readonly ReceivedSpan[]) => boolean): Promise<void>;
  stop(): Promise<void>;
}

const PROTOBUF = 'application/x-protobuf';

/** Takes spans over OTLP, HTTP with Protocol Buffers or JSON, on a free port. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received = new ReceivedSpans();
  const headers: Readonly<Record<string, unknown>>[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    void bodyOf(request).then((body) => {
      const type = request.headers['content-type'] ?? 'application/json';
      received.add(type === PROTOBUF ? requestOfProtobuf(body) : requestOfJson(body));
      response.setHeader('content-type', type).end(type === PROTOBUF ? '' : '{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans: received.all,
    headers,
    until: (isSo) => received.until(isSo),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Takes spans over OTLP, gRPC, on a free port. */
export async function startOtlpGrpcReceiver(): Promise<OtlpReceiver> {
  const received = new ReceivedSpans();
  const headers: Readonly<Record<string, unknown>>[] = [];
  const server = new Server();
  server.addService(TRACE_SERVICE, {
    Export: (call: UnaryCall, answer: sendUnaryData<Buffer>) => {
      headers.push(call.metadata.getMap());
      received.add(requestOfProtobuf(call.request));
      answer(null, Buffer.alloc(0));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    spans: received.all,
    headers,
    until: (isSo) => received.until(isSo),
    stop: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

interface UnaryCall {
  readonly request: Buffer;
  readonly metadata: { getMap(): Record<string, unknown> };
}

const asIs = (bytes: Buffer) => bytes;

const TRACE_SERVICE = {
  Export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    ...{ requestSerialize: asIs, requestDeserialize: asIs },
    ...{ responseSerialize: asIs, responseDeserialize: asIs },
  },
} as const;

function requestOfJson(body: Buffer): ExportRequest {
  return JSON.parse(body.toString()) as ExportRequest;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
