import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { OTLPExporterBase, type IOtlpExportDelegate } from '@opentelemetry/otlp-exporter-base';
import { createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import {
  createEmptyMetadata,
  createInsecureCredentials,
  createOtlpGrpcExportDelegate,
  createSslCredentials,
} from '@opentelemetry/otlp-grpc-exporter-base';
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
  type IExportTraceServiceResponse,
  type ISerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpFiles, OtlpSettings } from './otlp-settings.js';
import { encodeSpans } from './span-encoder.js';

/** What the receiver said to spans that it took. */
export interface OtlpAnswer {
  /** Spans that it does not keep. */
  readonly rejected: number;
  /** Whether it is an answer of OTLP at all. */
  readonly isOtlp: boolean;
}

export interface OtlpExporter extends SpanExporter {
  /** Of the export whose result is being told. */
  takeAnswer(): OtlpAnswer;
  /** Ends connections; what is under way fails. */
  abort(): void;
}

interface Transport {
  readonly delegate: IOtlpExportDelegate<ReadableSpan[]>;
  abort(): void;
}

/**
 * Sends spans over OTLP. Everything is decided by the settings: the exporters of OpenTelemetry are put together here, so that
 * they read no environment of their own. `onProblem` gets what of the files can't be read, and counts as not set.
 */
export function createOtlpExporter(
  settings: OtlpSettings,
  onProblem: (problem: string) => void,
): OtlpExporter {
  const answers = new Answers();
  const files = readFiles(settings.files, onProblem);
  const transport =
    settings.protocol === 'grpc'
      ? grpcTransport(settings, files, answers)
      : httpTransport(settings, files, answers);
  const exporter = new OTLPExporterBase(transport.delegate);
  return {
    export: (spans, done) => exporter.export(spans, done),
    shutdown: () => exporter.shutdown(),
    takeAnswer: () => answers.take(),
    abort: () => transport.abort(),
  };
}

function httpTransport(settings: OtlpSettings, files: Files, answers: Answers): Transport {
  const { url, protocol } = settings;
  const agent = url.startsWith('https:')
    ? new HttpsAgent({ keepAlive: true, ca: files.ca, cert: files.certificate, key: files.key })
    : new HttpAgent({ keepAlive: true });
  let isAborted = false;
  const isJson = protocol === 'http/json';
  const contentType = isJson ? 'application/json' : 'application/x-protobuf';
  const delegate = createOtlpHttpExportDelegate(
    {
      ...sharedOptions(settings),
      url,
      headers: () =>
        isAborted
          ? Promise.reject(new Error('closing'))
          : Promise.resolve({ ...revealed(settings), 'Content-Type': contentType }),
      agentFactory: () => agent,
    },
    answers.readBy(isJson ? JsonTraceSerializer : protobuf),
    'otlp_http_span_exporter',
    TraceExporterMetricsHelper,
    undefined,
  );
  const abort = () => {
    isAborted = true;
    agent.destroy();
  };
  return { delegate, abort };
}

function grpcTransport(settings: OtlpSettings, files: Files, answers: Answers): Transport {
  const { protocol, host } = new URL(settings.url);
  const delegate = createOtlpGrpcExportDelegate(
    {
      ...sharedOptions(settings),
      url: host,
      metadata: () => {
        const metadata = createEmptyMetadata();
        for (const [name, value] of Object.entries(revealed(settings))) metadata.set(name, value);
        return metadata;
      },
      credentials: () =>
        protocol === 'http:'
          ? createInsecureCredentials()
          : createSslCredentials(files.ca, files.key, files.certificate),
    },
    answers.readBy(protobuf),
    'otlp_grpc_span_exporter',
    TraceExporterMetricsHelper,
    undefined,
    'TraceExportService',
    '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  );
  return { delegate, abort: () => undefined };
}

/** At the end all batches of a full queue are under way at a time. */
function sharedOptions({ timeoutMs, compression, batch }: OtlpSettings) {
  const concurrencyLimit = Math.ceil(batch.queueSpans / batch.spans) + 30;
  return { timeoutMillis: timeoutMs, compression, concurrencyLimit };
}

function revealed({ headers }: OtlpSettings): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}

interface Files {
  readonly ca?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
}

function readFiles({ ca, certificate, key }: OtlpFiles, onProblem: (text: string) => void): Files {
  const read = (name: string, file: string | undefined) => {
    if (file === undefined) return undefined;
    try {
      return readFileSync(file);
    } catch {
      onProblem(`${name}: the file cannot be read`);
      return undefined;
    }
  };
  const files = {
    ca: read('OTEL_EXPORTER_OTLP_CERTIFICATE', ca),
    certificate: read('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', certificate),
    key: read('OTEL_EXPORTER_OTLP_CLIENT_KEY', key),
  };
  if ((files.certificate === undefined) === (files.key === undefined)) return files;
  onProblem('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _KEY: one without the other does not count');
  return { ca: files.ca };
}

/** The exporters tell that spans were taken and no more; what was answered is read on the way. */
class Answers {
  #last: OtlpAnswer = FULL;

  take(): OtlpAnswer {
    const answer = this.#last;
    this.#last = FULL;
    return answer;
  }

  readBy<Request>(
    serializer: ISerializer<Request, IExportTraceServiceResponse>,
  ): ISerializer<Request, IExportTraceServiceResponse> {
    return {
      serializeRequest: (request) => serializer.serializeRequest(request),
      deserializeResponse: (data) => {
        const response = responseIn(data, serializer);
        const rejected = Number(response?.partialSuccess?.rejectedSpans ?? 0);
        this.#last = { rejected: rejected || 0, isOtlp: response !== undefined };
        return {};
      },
    };
  }
}

const protobuf: ISerializer<ReadableSpan[], IExportTraceServiceResponse> = {
  serializeRequest: encodeSpans,
  deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
};

const FULL: OtlpAnswer = { rejected: 0, isOtlp: true };

/** Some receivers answer in JSON whatever they are asked in. */
function responseIn(
  data: Uint8Array,
  serializer: ISerializer<never, IExportTraceServiceResponse>,
): IExportTraceServiceResponse | undefined {
  if (data.length === 0) return {};
  try {
    const response: unknown = JSON.parse(Buffer.from(data).toString());
    return typeof response === 'object' && response !== null ? response : undefined;
  } catch {
    if (serializer === (JsonTraceSerializer as unknown)) return undefined;
  }
  try {
    return serializer.deserializeResponse(data);
  } catch {
    return undefined;
  }
}
