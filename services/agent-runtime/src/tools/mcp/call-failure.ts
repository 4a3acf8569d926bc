import {
  OAuthClientFlowError,
  OAuthError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { refusalIn } from '@skynet/platform';
import { isRecord } from '../records.js';
import { LoginRequiredError } from '../logins/login-required-error.js';

/**
 * What is known of a request that brought no answer. `unreachable` and `refused`: the server has surely not looked at it;
 * the former may pass soon. `timeout` and `broken`: nobody knows.
 */
export interface CallFailure {
  readonly kind: 'unreachable' | 'refused' | 'timeout' | 'broken';
  readonly reason: string;
}

const QUOTED_CHARS = 500;

/** The connection was not made, or not to this server. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The process of a stdio server has ended, or never began; the message says how. */
export class ServerEndedError extends Error {
  override readonly name = 'ServerEndedError';
}

/** Reads what the client threw for a request that it was given. */
export function failureOf(error: unknown, timeoutMs: number): CallFailure {
  if (error instanceof SdkHttpError) return refusalOf(error);
  const refusal = refusalBefore(error);
  if (refusal !== undefined) return { kind: 'refused', reason: refusal };
  if (error instanceof ServerEndedError) {
    return { kind: 'broken', reason: error.message.slice(0, QUOTED_CHARS).toWellFormed() };
  }
  const code = codeOf(error);
  if (code === SdkErrorCode.RequestTimeout) {
    return { kind: 'timeout', reason: `timed out after ${timeoutOf(error, timeoutMs) / 1_000} s` };
  }
  if (code === SdkErrorCode.ConnectionClosed) return { kind: 'broken', reason: 'the server ended' };
  const reason = reasonsOf(error).join(': ').slice(0, QUOTED_CHARS).toWellFormed();
  const isUnreachable = code === SdkErrorCode.NotConnected || UNREACHABLE.has(code ?? '');
  return { kind: isUnreachable ? 'unreachable' : 'broken', reason };
}

/** A call that told of its progress had longer than others. */
function timeoutOf(error: unknown, timeoutMs: number): number {
  const { timeout } = error instanceof SdkError && isRecord(error.data) ? error.data : {};
  return typeof timeout === 'number' ? timeout : timeoutMs;
}

/** Why the server was not asked at all. */
function refusalBefore(error: unknown): string | undefined {
  const known = loginRequiredIn(error) ?? refusalIn(error);
  if (known !== undefined) return known.message;
  if (!isOfAuthorization(error)) return undefined;
  const reason = `no token for it: ${reasonsOf(error).join(': ')}`;
  return reason.slice(0, QUOTED_CHARS).toWellFormed();
}

/** A person has to log in; the server has not looked at the call. */
function loginRequiredIn(error: unknown): LoginRequiredError | undefined {
  if (error instanceof LoginRequiredError) return error;
  return error instanceof Error ? loginRequiredIn(error.cause) : undefined;
}

/** Before a server has a token it does not look at the call. */
function isOfAuthorization(error: unknown): boolean {
  const kinds = [OAuthError, OAuthClientFlowError, UnauthorizedError];
  return kinds.some((kind) => error instanceof kind);
}

/** A server of the older generation that was restarted says 404 to the session that it does not know, some say 400. */
export function mayBeUnknownSession(error: unknown): boolean {
  return error instanceof SdkHttpError && [400, 404].includes(error.status);
}

/** With 3xx and 4xx a server turns a request away before it has looked at the call. */
function refusalOf({ status, data, message }: SdkHttpError): CallFailure {
  const body = status < 400 ? message.slice(message.indexOf(': ') + 2) : data.text;
  const text = typeof body === 'string' ? body.slice(0, QUOTED_CHARS).trim() : '';
  const isTurnedAway = status >= 300 && status < 500 && status !== 408;
  const reason = `HTTP ${status}${text === '' ? '' : `: ${text}`}`.toWellFormed();
  return { kind: isTurnedAway ? 'refused' : 'broken', reason };
}

/** The code of the innermost error that has one. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const parts = error instanceof AggregateError ? (error.errors as unknown[]) : [error.cause];
  const within = parts.map(codeOf).find((code) => code !== undefined);
  if (within !== undefined) return within;
  const { code } = error instanceof SdkError ? error : (error as NodeJS.ErrnoException);
  return typeof code === 'string' ? code : undefined;
}

function reasonsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const cause = error.cause === undefined ? [] : reasonsOf(error.cause);
  return [error.message, ...cause].filter((text) => text !== '');
}
