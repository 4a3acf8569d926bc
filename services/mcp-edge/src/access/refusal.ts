import type { FastifyReply } from 'fastify';
import { errorCodes, type ErrorCode } from '@skynet/contracts';
import type { Caller } from '../recording/caller.js';

/** An HTTP request that is turned away before MCP sees it. */
export interface Refusal {
  readonly status: 401 | 403 | 429 | 503;
  readonly code: ErrorCode;
  readonly message: string;
  /** Default: that of the table of codes. */
  readonly next?: string;
  /** Value of `WWW-Authenticate`. */
  readonly challenge?: string;
  /** Value of `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Where it is known who calls. */
  readonly caller?: Caller;
}

export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, code, message, next = errorCodes[code] } = refusal;
  const { challenge, retryAfterSeconds } = refusal;
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  return reply.code(status).send({ code, message, next });
}
