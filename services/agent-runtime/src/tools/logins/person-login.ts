import {
  auth,
  computeScopeUnion,
  extractWWWAuthenticateParams,
} from '@modelcontextprotocol/client';
import type { RemoteEntry } from '../remote-entry.js';
import { LoginClient, type LoginSettings } from './login-client.js';
import type { LoginFiles } from './login-files.js';
import { LoginRefusedError } from './login-required-error.js';
import { mayLogIn, type ServerLogins } from './server-logins.js';
import type { PendingLogin, StoredLogin } from './stored-login.js';
import { refuseNoToken, usable } from './usable-answers.js';

/** So long a person has for the page. */
export const LOGIN_LIMIT_MS = 600_000;
const QUOTED_CHARS = 300;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export interface ServerToLogInTo {
  readonly name: string;
  readonly entry: RemoteEntry;
}

/** What a browser came back with. */
export type BroughtBack = Readonly<
  Partial<Record<'state' | 'code' | 'iss' | 'error' | 'error_description', string>>
>;

/**
 * Begins the login of a person to a server: finds out where people log in to it, and makes this product known there.
 * Resolves with the page that the person must open. Safe to retry: the last one counts.
 *
 * @throws LoginRefusedError, or what the network, the server or its authorization server failed with
 */
export async function beginLogin(
  { name, entry }: ServerToLogInTo,
  redirectUrl: string,
  logins: ServerLogins,
): Promise<{ readonly page: string; readonly issuer: string }> {
  const files = filesOf(name, entry, logins);
  refuseOtherMachine(redirectUrl);
  const send = logins.sendTo(entry);
  const challenge = await challengeOf(entry, send);
  const login = await logins.find(name, entry);
  const settings = settingsOf(entry);
  const client = new LoginClient(redirectUrl, settings);
  const scope = settings.scope ?? computeScopeUnion(challenge.scope, login?.wantedScope);
  const { resourceMetadataUrl } = challenge;
  const how = { serverUrl: entry.url, fetchFn: send, forceReauthorization: true };
  await usable(auth(client, { ...how, scope, resourceMetadataUrl }));
  const pending = pendingOf(entry, client, logins.clock.nowMs());
  const page = client.course.page;
  if (page === undefined) throw new LoginRefusedError('it names no page to log in at');
  refuseOddPage(page);
  logins.keepQuiet(name, pending);
  await files.begin(name, pending);
  return { page: page.href, issuer: pending.issuer };
}

/**
 * Ends a login with what the browser brought back, and keeps its tokens. Not safe to retry: a code is good once.
 *
 * @throws LoginRefusedError, or what the network or the authorization server failed with
 */
export async function endLogin(
  { name, entry }: ServerToLogInTo,
  brought: BroughtBack,
  logins: ServerLogins,
): Promise<StoredLogin> {
  const files = filesOf(name, entry, logins);
  const pending = await files.pending(name);
  const nowMs = logins.clock.nowMs();
  if (pending?.url !== entry.url || nowMs - pending.atMs > LOGIN_LIMIT_MS) {
    throw new LoginRefusedError('no login to it is under way, or it has taken too long');
  }
  if (brought.state !== pending.state) {
    throw new LoginRefusedError('the browser came back with the answer to another login');
  }
  await files.endPending(name);
  const { code, iss } = brought;
  if (code === undefined)
    throw new LoginRefusedError(`the login was refused: ${reasonIn(brought)}`);
  const settings = settingsOf(entry);
  const client = new LoginClient(pending.redirectUrl, settings, pending);
  const send = logins.sendTo(entry);
  const result = { authorizationCode: code, ...(iss !== undefined && { iss }) };
  await usable(auth(client, { serverUrl: entry.url, fetchFn: send, ...result }));
  const login = loginOf(pending, client, logins);
  logins.keepQuiet(name, login);
  await files.change(name, () => Promise.resolve(login));
  return login;
}

/** Resolves with whether there was one: also of a server that the registry has no more, or that gets its token otherwise. Safe to retry. */
export function forgetLogin(name: string, logins: ServerLogins): Promise<boolean> {
  return kept(logins).forget(name);
}

function filesOf(name: string, entry: RemoteEntry, logins: ServerLogins): LoginFiles {
  if (mayLogIn(entry)) return kept(logins);
  const how = 'it gets its token by oauth or headers of its entry in the registry';
  throw new LoginRefusedError(`nobody logs in to ${name}: ${how}`);
}

function kept({ files }: ServerLogins): LoginFiles {
  if (files !== undefined) return files;
  throw new LoginRefusedError('AGENT_RUNTIME_TOOL_LOGINS names no folder to keep logins in');
}

function settingsOf({ oauth }: RemoteEntry): LoginSettings {
  return oauth?.login === true ? oauth : {};
}

/** A code that goes elsewhere would let somebody else in. */
function refuseOtherMachine(redirectUrl: string): void {
  const { protocol, hostname } = new URL(redirectUrl);
  if (protocol === 'http:' && LOOPBACK.has(hostname)) return;
  throw new LoginRefusedError('the browser may come back to this machine only');
}

function refuseOddPage(page: URL): void {
  const isPlain = page.username === '' && page.password === '';
  const isSafe =
    page.protocol === 'https:' || (page.protocol === 'http:' && LOOPBACK.has(page.hostname));
  if (isPlain && isSafe) return;
  const shown = `${page.protocol}//${page.host}`.slice(0, QUOTED_CHARS);
  throw new LoginRefusedError(`it sends people to ${shown}, which is no https`);
}

/** What the server answers to who has no token. */
async function challengeOf(
  { url, transport }: RemoteEntry,
  send: (url: string, init?: RequestInit) => Promise<Response>,
) {
  const headers = { accept: 'application/json, text/event-stream' };
  const greeting = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const asked =
    transport === 'sse'
      ? { headers }
      : {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(greeting),
        };
  return extractWWWAuthenticateParams(await send(url, asked));
}

function pendingOf(entry: RemoteEntry, client: LoginClient, atMs: number): PendingLogin {
  const { client: known, discovery, codeVerifier } = client.course;
  if (known === undefined || discovery === undefined || codeVerifier === undefined) {
    throw new LoginRefusedError('it does not say how people log in');
  }
  const { authorizationServerUrl, authorizationServerMetadata, resourceMetadataUrl } = discovery;
  return {
    version: 1,
    url: entry.url,
    redirectUrl: client.redirectUrl,
    state: client.ownState,
    codeVerifier,
    authorizationServerUrl,
    ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
    issuer: authorizationServerMetadata?.issuer ?? authorizationServerUrl,
    client: clientOf(known),
    atMs,
  };
}

function loginOf(pending: PendingLogin, client: LoginClient, logins: ServerLogins): StoredLogin {
  const { tokens, resource } = client.course;
  if (tokens === undefined) throw new LoginRefusedError('no token was given');
  refuseNoToken(tokens);
  const { url, issuer, resourceMetadataUrl } = pending;
  const { access_token, token_type, refresh_token, scope } = tokens;
  return {
    version: 1,
    url,
    issuer,
    ...(resource !== undefined && { resource }),
    ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
    client: pending.client,
    tokens: { access_token, token_type, refresh_token, scope },
    expiresAtMs: logins.endOf(tokens),
    atMs: logins.clock.nowMs(),
  };
}

function clientOf(known: NonNullable<LoginClient['course']['client']>): PendingLogin['client'] {
  const { client_id, client_secret } = known;
  const method: unknown = 'token_endpoint_auth_method' in known && known.token_endpoint_auth_method;
  return {
    client_id,
    client_secret,
    ...(typeof method === 'string' && { token_endpoint_auth_method: method }),
  };
}

function reasonIn({ error_description: description, error }: BroughtBack): string {
  const told = description ?? error ?? 'no reason given';
  return told.slice(0, QUOTED_CHARS).toWellFormed();
}
