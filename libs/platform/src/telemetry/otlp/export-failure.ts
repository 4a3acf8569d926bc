/** Why spans did not arrive; few values, a label of a metric. */
export type LossReason =
  | 'queue_full'
  | 'unreachable'
  | 'timeout'
  | 'busy'
  | 'refused'
  | 'too_large'
  | 'not_otlp'
  | 'closing';

export interface ExportFailure {
  readonly reason: LossReason;
  /** For people, without secrets. */
  readonly text: string;
}

const TEXT_MAX_CHARACTERS = 200;
const GRPC_REASONS: Readonly<Record<number, LossReason>> = {
  1: 'closing',
  4: 'timeout',
  8: 'busy',
  14: 'unreachable',
};

/** What an exporter's error means. `secrets` are left out of the text. */
export function failureOf(error: unknown, secrets: readonly string[]): ExportFailure {
  const { reason, text } = meaningOf(partsOf(error));
  const clean = secrets.reduce((words, secret) => words.replaceAll(secret, '***'), text);
  return { reason, text: clean.slice(0, TEXT_MAX_CHARACTERS) };
}

function meaningOf({ status, details, message }: ErrorParts): ExportFailure {
  if (status !== undefined && details !== undefined) {
    return { reason: reasonOfGrpc(status, details), text: `gRPC status ${status}: ${details}` };
  }
  if (status !== undefined) {
    return { reason: status === 413 ? 'too_large' : 'refused', text: `HTTP status ${status}` };
  }
  if (message.includes('retryable status')) {
    return {
      reason: 'busy',
      text: 'it asks to come again later: HTTP status 429, 502, 503 or 504',
    };
  }
  if (/timed out|timeout/i.test(message)) return { reason: 'timeout', text: 'no answer in time' };
  return { reason: 'unreachable', text: message };
}

function reasonOfGrpc(status: number, details: string): LossReason {
  const isTooLarge = status === 8 && /larger than|too large|message size/i.test(details);
  return isTooLarge ? 'too_large' : (GRPC_REASONS[status] ?? 'refused');
}

interface ErrorParts {
  /** Of HTTP or gRPC. */
  readonly status?: number;
  /** Of gRPC. */
  readonly details?: string;
  readonly message: string;
}

/** Errors of Node itself are not always of the same `Error`. */
function partsOf(error: unknown): ErrorParts {
  if (typeof error !== 'object' || error === null) return { message: 'unknown error' };
  return {
    status: 'code' in error && typeof error.code === 'number' ? error.code : undefined,
    details: 'details' in error ? String(error.details) : undefined,
    message: 'message' in error ? String(error.message) : 'unknown error',
  };
}
