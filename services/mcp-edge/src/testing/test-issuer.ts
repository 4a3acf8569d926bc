import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Role } from '@skynet/contracts';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { TENANT } from './agent-rows.js';

export const ISSUER = 'https://auth.example';
export const AUDIENCE = 'https://edge.example/mcp';

export interface TokenChanges {
  readonly subject?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresAt?: Date;
  readonly key?: CryptoKey | Uint8Array;
  readonly header?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Publishes keys over HTTP and signs tokens as the auth service does, or wrongly as told. */
export async function startTestIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const other = await generateKeyPair('ES384');
  const kid = 'key-1';
  const jwks = {
    keys: [
      { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' },
      { ...(await exportJWK(other.publicKey)), kid: 'key-2', alg: 'ES384', use: 'sig' },
    ],
  };
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    publicKey,
    /** Published too, of an algorithm that the edge does not take. */
    otherKey: { key: other.privateKey, header: { alg: 'ES384', kid: 'key-2' } },
    /** How often the keys were fetched. */
    fetches: () => fetches,
    token(role: Role = 'operator', changes: TokenChanges = {}): Promise<string> {
      return new SignJWT({ tenant: TENANT, roles: [role], ...changes.claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...changes.header })
        .setSubject(changes.subject ?? 'alice')
        .setIssuer(changes.issuer ?? ISSUER)
        .setAudience(changes.audience ?? AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(changes.expiresAt ?? '10m')
        .sign(changes.key ?? privateKey);
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export type TestIssuer = Awaited<ReturnType<typeof startTestIssuer>>;
