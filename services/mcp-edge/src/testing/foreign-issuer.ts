import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { AUDIENCE } from './test-issuer.js';

const PATH = '/realms/acme';

/** An issuer that is not ours: signs with RS256, says `typ: JWT`, and has its own names for things. */
export async function startForeignIssuer(options: { readonly metadataAt?: string } = {}) {
  const { metadataAt = `${PATH}/.well-known/openid-configuration` } = options;
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'foreign', alg: 'RS256', use: 'sig' };
  const asked: string[] = [];
  let named = '';
  let keysAt: string | undefined;
  let more: string | undefined;
  let isUp = true;
  const answer = ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    asked.push(url);
    const pages: Record<string, unknown> = {
      [metadataAt]: { issuer: named, jwks_uri: keysAt ?? `${origin}${PATH}/certs`, more },
      [`${PATH}/certs`]: { keys: [jwk] },
    };
    const page = isUp ? pages[url] : undefined;
    response
      .writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(page ?? {}));
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${origin}${PATH}`;
  named = issuer;
  return {
    issuer,
    /** Paths that were asked for. */
    asked,
    /** What its metadata say who it is. */
    calls: (name: string) => (named = name),
    /** What its metadata say where its keys are. */
    keepsKeysAt: (url: string) => (keysAt = url),
    /** What else its metadata say, without a length. */
    says: (text: string) => (more = text),
    goes: (up: boolean) => (isUp = up),
    token: (claims: Readonly<Record<string, unknown>>, header: Record<string, string> = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'foreign', ...header })
        .setSubject('f:1234:alice')
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export type ForeignIssuer = Awaited<ReturnType<typeof startForeignIssuer>>;
