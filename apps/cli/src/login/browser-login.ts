import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchangeAuthorization, startAuthorization } from '@modelcontextprotocol/client';
import type { AccessToken } from '@skynet/client';
import { Trouble } from '../ending/trouble.js';
import type { LoginServer } from './login-server.js';

export interface BrowserLoginOptions {
  readonly server: LoginServer;
  readonly clientId: string;
  readonly scope: string;
  /** Called with the page that a person must open. */
  readonly onUrl: (url: URL) => void;
  readonly signal: AbortSignal;
}

const CALLBACK_PATH = '/callback';

/** Logs in by a browser on this machine, which is redirected back to this process. */
export async function logInByBrowser(options: BrowserLoginOptions): Promise<AccessToken> {
  const { server, clientId, scope, onUrl, signal } = options;
  const { issuer, metadata, resource } = server;
  const callback = await listenForCallback();
  try {
    const state = randomBytes(16).toString('base64url');
    const clientInformation = { client_id: clientId };
    const { redirectUrl } = callback;
    const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, {
      metadata,
      clientInformation,
      redirectUrl,
      scope,
      state,
      resource,
    });
    onUrl(authorizationUrl);
    const answer = await Promise.race([callback.answer, rejectOn(signal)]);
    const tokens = await exchangeAuthorization(issuer, {
      metadata,
      clientInformation,
      authorizationCode: codeOf(answer, state),
      iss: answer.get('iss') ?? undefined,
      codeVerifier,
      redirectUri: redirectUrl,
      resource,
    });
    const lifetimeMs = (tokens.expires_in ?? 0) * 1_000;
    return {
      token: tokens.access_token,
      tokenExpiresAt: new Date(Date.now() + lifetimeMs).toISOString(),
      refreshToken: tokens.refresh_token,
    };
  } finally {
    callback.close();
  }
}

function codeOf(answer: URLSearchParams, state: string): string {
  if (answer.get('state') !== state) {
    throw new Trouble('The browser came back with the answer to another login.', {
      next: 'Start again.',
    });
  }
  const code = answer.get('code');
  if (code !== null) return code;
  const reason = answer.get('error_description') ?? answer.get('error') ?? 'no reason given';
  throw new Trouble(`The login was refused: ${reason}.`);
}

/** The port is any that is free: the auth service lets a program on the user's machine choose. */
async function listenForCallback() {
  const { promise: answer, resolve } = Promise.withResolvers<URLSearchParams>();
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isCallback = request.method === 'GET' && pathname === CALLBACK_PATH;
    response.writeHead(isCallback ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      connection: 'close',
    });
    const isDone = searchParams.has('code');
    response.end(isDone ? 'You are logged in. You can close this page.\n' : 'Not logged in.\n');
    if (isCallback) resolve(searchParams);
  };
  const server = createServer(onRequest);
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    redirectUrl: `http://127.0.0.1:${port}${CALLBACK_PATH}`,
    answer,
    close: () => void server.close(),
  };
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
