import { randomBytes } from 'node:crypto';
import { exchangeAuthorization, startAuthorization } from '@modelcontextprotocol/client';
import type { AccessToken } from '@skynet/client';
import { Trouble } from '../ending/trouble.js';
import { answerOrEnd, listenForCallback } from './callback-listener.js';
import type { LoginServer } from './login-server.js';

export interface BrowserLoginOptions {
  readonly server: LoginServer;
  readonly clientId: string;
  readonly scope: string;
  /** Called with the page that a person must open. */
  readonly onUrl: (url: URL) => void;
  readonly signal: AbortSignal;
}

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
    const answer = await answerOrEnd(callback, signal);
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
