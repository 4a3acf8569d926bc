import type { IncomingMessage } from 'node:http';
import type { AuthInfo } from '@modelcontextprotocol/server';
import { decodeJwt } from 'jose';

type Admitted = IncomingMessage & { auth?: AuthInfo };

/** Keeps of a token that was verified what tells programs of one person apart; the token itself is not kept. */
export function noteProgram({ auth }: Admitted, authorization: string | undefined): void {
  if (auth === undefined || authorization === undefined) return;
  const { client_id: client, azp, grant, sid, jti } = decodeJwt(authorization.split(/ +/)[1] ?? '');
  // Of a login first: it stays the same when the token is renewed.
  auth.extra = { ...auth.extra, program: JSON.stringify([client ?? azp, grant ?? sid ?? jti]) };
}

/** Opaque; the same for all requests of a login, or of a token where it names none. */
export function programOf(authInfo: AuthInfo | undefined): string {
  return String(authInfo?.extra?.['program']);
}
