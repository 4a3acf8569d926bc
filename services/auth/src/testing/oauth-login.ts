import { createHash, randomBytes } from 'node:crypto';
import type { Browser, Shown } from './browser.js';
import { AUDIENCE, PASSWORD, type RunningAuth } from './running-auth.js';

export interface LoginOptions {
  readonly clientId?: string;
  readonly user?: string;
  readonly password?: string;
  readonly scope?: string;
  readonly redirectUri?: string;
  readonly browser?: Browser;
  /** Parameters of the authorization request to change; `undefined` leaves one out. */
  readonly changes?: Readonly<Record<string, string | undefined>>;
}

export const CLI = 'skynet-cli';
export const CLI_REDIRECT = 'http://127.0.0.1:5555/callback';

export function newVerifier(): string {
  return randomBytes(32).toString('base64url');
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** The first request of a login, as a client makes it. */
export function authorizePath(verifier: string, options: LoginOptions = {}): string {
  const {
    clientId = CLI,
    scope = 'agents:read agents:spawn',
    redirectUri = CLI_REDIRECT,
  } = options;
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state: 'the-state',
    resource: AUDIENCE,
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    ...options.changes,
  };
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return `/authorize?${new URLSearchParams(given).toString()}`;
}

/** Logs in and allows; what is shown in the end is the redirect to the client. */
export async function logIn(
  auth: RunningAuth,
  verifier: string,
  options: LoginOptions = {},
): Promise<Shown> {
  const { browser = auth.browser(), user = 'alice', password = PASSWORD } = options;
  let shown = await browser.open(authorizePath(verifier, options));
  if (shown.text.includes('name="password"')) {
    shown = await browser.submit({ action: 'login', name: user, password });
  }
  return shown.text.includes('value="allow"') ? browser.submit({ action: 'allow' }) : shown;
}

/** The code of a login that succeeded. */
export async function codeOf(
  auth: RunningAuth,
  verifier: string,
  options: LoginOptions = {},
): Promise<string> {
  const { url, text } = await logIn(auth, verifier, options);
  const code = url.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${url.href} ${text}`);
  return code;
}

export function redeem(
  auth: RunningAuth,
  code: string,
  verifier: string,
  changes: Record<string, string> = {},
) {
  return auth.post('/token', {
    grant_type: 'authorization_code',
    client_id: CLI,
    redirect_uri: CLI_REDIRECT,
    code,
    code_verifier: verifier,
    ...changes,
  });
}

export function refresh(
  auth: RunningAuth,
  refreshToken: string,
  changes: Record<string, string> = {},
) {
  return auth.post('/token', {
    grant_type: 'refresh_token',
    client_id: CLI,
    refresh_token: refreshToken,
    ...changes,
  });
}

/** Tokens of a whole login. */
export async function tokensOf(auth: RunningAuth, options: LoginOptions = {}) {
  const verifier = newVerifier();
  const { body } = await redeem(auth, await codeOf(auth, verifier, options), verifier);
  return { accessToken: body['access_token'] ?? '', refreshToken: body['refresh_token'] ?? '' };
}
