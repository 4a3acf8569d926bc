import { Secret } from '../../runtime/secret.js';
import {
  anyText,
  flag,
  milliseconds,
  oneOf,
  wholeNumber,
  type Kind,
  type SettingReader,
} from './setting-reader.js';

/** Where spans go and how they are brought there. */
export interface OtlpSettings {
  /** Of HTTP with the path; of gRPC host and port count. May hold credentials: show `endpointOf`. */
  readonly url: string;
  readonly protocol: OtlpProtocol;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, Secret>>;
  /** Longest that a batch takes, with its retries. */
  readonly timeoutMs: number;
  readonly compression: 'none' | 'gzip';
  /** PEM files for TLS. */
  readonly files: OtlpFiles;
  readonly batch: BatchSettings;
}

export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc';

export interface OtlpFiles {
  /** Of the authority that signed the receiver's certificate. Default: those that Node knows. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface BatchSettings {
  readonly everyMs: number;
  readonly limitMs: number;
  readonly spans: number;
  readonly queueSpans: number;
}

/** `isWanted`: spans go to the default endpoint of the protocol where none is set. */
export function readOtlpSettings(
  reader: SettingReader,
  { isWanted }: { readonly isWanted: boolean },
): OtlpSettings | undefined {
  const protocol = readProtocol(reader);
  const url = readUrl(reader, protocol) ?? (isWanted ? defaultUrls[protocol] : undefined);
  if (url === undefined) return undefined;
  return {
    url,
    protocol,
    headers: readHeaders(reader),
    timeoutMs: reader.first(namesOf('TIMEOUT'), milliseconds) ?? 10_000,
    compression: reader.first(namesOf('COMPRESSION'), oneOf('none', 'gzip')) ?? 'none',
    files: {
      ca: reader.first(namesOf('CERTIFICATE'), anyText),
      certificate: reader.first(namesOf('CLIENT_CERTIFICATE'), anyText),
      key: reader.first(namesOf('CLIENT_KEY'), anyText),
    },
    batch: readBatch(reader),
  };
}

const defaultUrls: Record<OtlpProtocol, string> = {
  'http/protobuf': 'http://localhost:4318/v1/traces',
  'http/json': 'http://localhost:4318/v1/traces',
  grpc: 'http://localhost:4317/',
};

/** What is for traces comes before what is for all signals. */
function namesOf<const Rest extends string>(rest: Rest) {
  return [`OTEL_EXPORTER_OTLP_TRACES_${rest}`, `OTEL_EXPORTER_OTLP_${rest}`] as const;
}

function readProtocol(reader: SettingReader): OtlpProtocol {
  const kind = oneOf('http/protobuf', 'http/json', 'grpc');
  return reader.first(namesOf('PROTOCOL'), kind) ?? 'http/protobuf';
}

function readUrl(reader: SettingReader, protocol: OtlpProtocol): string | undefined {
  const [ofTraces, ofAll] = namesOf('ENDPOINT');
  if (protocol === 'grpc') {
    const isInsecure = reader.first(namesOf('INSECURE'), flag) ?? false;
    return reader.first([ofTraces, ofAll], grpcUrl(isInsecure));
  }
  return reader.first([ofTraces], httpUrl('')) ?? reader.first([ofAll], httpUrl('v1/traces'));
}

/** `below`: what is added to the path. */
function httpUrl(below: string): Kind<string> {
  return {
    takes: 'a URL of http or https',
    read: (text) => {
      const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
      if (url === null) return undefined;
      if (below !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}/${below}`;
      return url.href;
    },
  };
}

/** Without a scheme the connection is secure unless the environment says that it is not. */
function grpcUrl(isInsecure: boolean): Kind<string> {
  const url = httpUrl('');
  const scheme = isInsecure ? 'http' : 'https';
  return {
    takes: `${url.takes}, or host and port`,
    read: (text) => url.read(/^[\w.[\]:-]+$/.test(text) ? `${scheme}://${text}` : text),
  };
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

function readHeaders(reader: SettingReader): Record<string, Secret> {
  const [ofTraces, ofAll] = namesOf('HEADERS');
  const pairs = [ofAll, ofTraces].flatMap((name) =>
    Object.entries(
      reader.pairs(name, (key, value) => HEADER_NAME.test(key) && HEADER_VALUE.test(value)),
    ),
  );
  return Object.fromEntries(pairs.map(([key, value]) => [key.toLowerCase(), new Secret(value)]));
}

function readBatch(reader: SettingReader): BatchSettings {
  const count = wholeNumber(1);
  const queueSpans = reader.first(['OTEL_BSP_MAX_QUEUE_SIZE'], count) ?? 16_384;
  const spans = reader.first(['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'], count);
  if (spans !== undefined && spans > queueSpans) {
    reader.problems.push(
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE: more than the queue holds, so the queue’s size counts',
    );
  }
  return {
    // Sooner than the specification says: a tree can be followed while it runs.
    everyMs: reader.first(['OTEL_BSP_SCHEDULE_DELAY'], milliseconds) ?? 500,
    limitMs: reader.first(['OTEL_BSP_EXPORT_TIMEOUT'], milliseconds) ?? 30_000,
    spans: Math.min(spans ?? 512, queueSpans),
    queueSpans,
  };
}
