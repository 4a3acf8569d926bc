import { errorCodes, rejection, type ErrorCode, type Principal } from '@skynet/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AdminTokens } from './admin-token.js';

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  USER_EXISTS: 409,
  USER_NOT_FOUND: 404,
  CLIENT_EXISTS: 409,
  CLIENT_NOT_FOUND: 404,
  CLIENT_IN_FILE: 409,
};

/** The administrator who asks, or undefined when the request has been answered with a no. */
export async function admitAdmin(
  tokens: AdminTokens,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal | undefined> {
  const verdict = await tokens.check(request.headers.authorization);
  switch (verdict.kind) {
    case 'admin':
      return verdict.principal;
    case 'unknown':
      void reply.header('www-authenticate', 'Bearer scope="agents:admin"').code(401);
      await reply.send(rejection('UNAUTHENTICATED', 'a token for this server is needed'));
      return undefined;
    case 'not-admin':
      void reply
        .header('www-authenticate', 'Bearer error="insufficient_scope", scope="agents:admin"')
        .code(403);
      await reply.send(rejection('FORBIDDEN', 'the scope agents:admin is needed'));
      return undefined;
  }
}

export async function refuse(reply: FastifyReply, code: ErrorCode, message: string): Promise<void> {
  const status = STATUS_OF[code] ?? 400;
  await reply.code(status).send({ code, message, next: errorCodes[code] });
}
