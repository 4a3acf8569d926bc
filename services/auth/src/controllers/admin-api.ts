import { errorCodes, rejection, type ErrorCode } from '@skynet/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Auth } from '../auth/auth.js';
import type { Administrator, AskedChange } from '../recording/admin-acts.js';
import { jsonBody, whyNotTaken } from '../http/request-body.js';

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  USER_EXISTS: 409,
  USER_NOT_FOUND: 404,
  CLIENT_EXISTS: 409,
  CLIENT_NOT_FOUND: 404,
  CLIENT_IN_FILE: 409,
};

/** The administrator who asks, or undefined when the request has been answered with a no. */
export async function admitAdmin(
  { adminTokens, adminActs, limits }: Pick<Auth, 'adminTokens' | 'adminActs' | 'limits'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Administrator | undefined> {
  const verdict = await adminTokens.check(request.headers.authorization);
  const address = limits.addressOf(request.raw);
  switch (verdict.kind) {
    case 'admin':
      return { ...verdict.principal, client: verdict.client, address };
    case 'unknown':
      await adminActs.turnedAway({ address }, 'there is no good token');
      void reply.header('www-authenticate', 'Bearer scope="agents:admin"').code(401);
      await reply.send(rejection('UNAUTHENTICATED', 'a token for this server is needed'));
      return undefined;
    case 'not-admin': {
      const { principal, client } = verdict;
      const reason = 'the scope agents:admin is needed';
      await adminActs.turnedAway({ ...principal, client, address }, reason);
      void reply
        .header('www-authenticate', 'Bearer error="insufficient_scope", scope="agents:admin"')
        .code(403);
      await reply.send(rejection('FORBIDDEN', reason));
      return undefined;
    }
  }
}

/** What the change is to be, as the body says; a body that is not taken is told. */
export async function bodyOf<Schema extends z.ZodType>(
  { adminActs }: Pick<Auth, 'adminActs'>,
  asked: AskedChange,
  request: FastifyRequest,
  schema: Schema,
): Promise<z.output<Schema>> {
  try {
    return await jsonBody(request.raw, schema);
  } catch (error) {
    const reason = whyNotTaken(error);
    if (reason !== undefined) await adminActs.notTaken(asked, reason);
    throw error;
  }
}

export async function refuse(reply: FastifyReply, code: ErrorCode, message: string): Promise<void> {
  const status = STATUS_OF[code] ?? 400;
  await reply.code(status).send({ code, message, next: errorCodes[code] });
}
