import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Signed by itself for client.test and inside.test, until the year 2126; for tests only. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBvDCCAWGgAwIBAgIUJiD+p7hDB5OtSSe6YDfxToK1KMMwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLY2xpZW50LnRlc3QwIBcNMjYxMTI0MTMyMjM3WhgPMjEyNjEw
MzExMzIyMzdaMBYxFDASBgNVBAMMC2NsaWVudC50ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEDx5JkLnuxc0R0gIwNqqd5KuhezR5lQOOdGK/b3vMvStuSkBt
DSy5AJnev3c3uKUxkyaH36uNFBpoTdHQdnJXQqOBijCBhzAdBgNVHQ4EFgQUtRMR
5dYwf5OKWVnc34caKJljo+owHwYDVR0jBBgwFoAUtRMR5dYwf5OKWVnc34caKJlj
o+owDwYDVR0TAQH/BAUwAwEB/zA0BgNVHREELTArggtjbGllbnQudGVzdIILaW5z
aWRlLnRlc3SCCWxvY2FsaG9zdIcEfwAAATAKBggqhkjOPQQDAgNJADBGAiEAkf4D
997CiDl3fDjzsKaBaJtn+lSQo9v1gEtwvO5k91MCIQDtWS2MuDhE+wulSMJ0DLKI
QSmydlx5xqM7VeqsHk0adw==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCqKW05Tqf5yfzK0m
WrLolnTqet6TIh+47eZq8Cl3BvChRANCAAQPHkmQue7FzRHSAjA2qp3kq6F7NHmV
A450Yr9ve8y9K25KQG0NLLkAmd6/dze4pTGTJoffq40UGmhN0dB2cldC
-----END PRIVATE KEY-----
`;

/** An https server of this machine that counts who connects, whether a request follows or not. */
export async function startHttpsServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const server: Server = createServer({ key: KEY, cert: CERTIFICATE }, answer);
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export type HttpsServer = Awaited<ReturnType<typeof startHttpsServer>>;
