import { computeScopeUnion, extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import {
  outboundFetch,
  OutboundGuard,
  type Clock,
  type Logger,
  type Resolve,
} from '@skynet/platform';
import type { KnownSecrets } from '../../secrets/known-secrets.js';
import type { RemoteEntry } from '../remote-entry.js';
import { authorizationFetch } from './authorization-fetch.js';
import { LoginFiles } from './login-files.js';
import { LoginRequiredError } from './login-required-error.js';
import { renewed } from './renewal.js';
import { ServerLogin } from './server-login.js';
import type { StoredLogin } from './stored-login.js';

/** Renewed so long before their end: a call may be long on its way. */
const RENEW_BEFORE_MS = 30_000;
/** What servers say of lifetimes is believed up to here. */
const LONGEST_LIFE_SECONDS = 10 * 365 * 86_400;

type Send = (url: string | URL, init?: RequestInit) => Promise<Response>;

export interface ServerLoginsOptions {
  /** Where logins are kept. Absent: nowhere, nobody can log in. */
  readonly folder?: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Pick<Logger, 'warn'>;
  /** Tokens are cut out of what others say. */
  readonly secrets: KnownSecrets;
  /** Longest that one answer around a login may take. Default: 15,000. */
  readonly limitMs?: number;
  /** Finds the addresses of servers. Default: the system's. */
  readonly resolve?: Resolve;
}

/** The logins of people to the tool servers of the registry: kept in files, shown to the servers, renewed. */
export class ServerLogins {
  readonly files: LoginFiles | undefined;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Those under way in this process, by server and token. */
  private readonly renewals = new Map<string, Promise<StoredLogin | undefined>>();

  constructor(private readonly options: ServerLoginsOptions) {
    const { folder, log, clock } = options;
    this.clock = clock;
    const onUnreadable = (file: string) =>
      log.warn('a login to a tool server can not be read', { file });
    if (folder !== undefined) this.files = new LoginFiles(folder, onUnreadable);
  }

  /** Undefined where the entry has a token of its own, or gets one in another way. */
  providerFor(server: string, entry: RemoteEntry): ServerLogin | undefined {
    if (!mayLogIn(entry)) return undefined;
    return new ServerLogin(server, {
      find: () => this.find(server, entry),
      renew: (refused) => this.renew(server, entry, refused),
      isOld: (login) => this.leftMsOf(login) < RENEW_BEFORE_MS,
      isOver: (login) => this.leftMsOf(login) <= 0,
    });
  }

  /** Tokens for another URL are not those of the server. */
  async find(server: string, { url }: Pick<RemoteEntry, 'url'>): Promise<StoredLogin | undefined> {
    const found = await this.files?.find(server);
    if (found?.url !== url) return undefined;
    this.keepQuiet(server, found);
    return found;
  }

  /** Hands a 403 that asks for more rights on to the person who logs in next. */
  withScopeAsked(server: string, entry: RemoteEntry, send: Send): Send {
    return async (asked, init) => {
      const response = await send(asked, init);
      if (response.status !== 403) return response;
      const { error, scope } = extractWWWAuthenticateParams(response);
      if (error !== 'insufficient_scope') return response;
      await response.body?.cancel();
      await this.want(server, entry, scope);
      const more = scope === undefined ? '' : ` (${scope.slice(0, 300)})`;
      throw new LoginRequiredError(server, `its login has too few rights for this${more}`);
    };
  }

  sendTo(entry: RemoteEntry): Send {
    const { url, headers, allowPrivate, oauth } = entry;
    const written = [url, ...(oauth?.issuer === undefined ? [] : [oauth.issuer])];
    const { resolve, limitMs } = this.options;
    const guard = new OutboundGuard({ written, allowPrivate, advice: ADVICE, resolve });
    return authorizationFetch({ url, headers, send: outboundFetch(guard), limitMs });
  }

  /** Tokens and keys of a server: the newest are cut out of what others say. */
  keepQuiet(server: string, { client, tokens }: Pick<StoredLogin, 'client' | 'tokens'>): void {
    const { client_secret: secret } = client;
    const values = [secret, tokens?.access_token, tokens?.refresh_token];
    this.options.secrets.knowFor(
      server,
      values.filter((value) => value !== undefined),
    );
  }

  /** The text without tokens and keys. */
  quiet(text: string): string {
    return this.options.secrets.cut(text);
  }

  /** When tokens that were given now are over, ms since 1970. */
  endOf(tokens: { readonly expires_in?: number | undefined }): number | undefined {
    const { expires_in: seconds } = tokens;
    if (seconds === undefined || !(seconds > 0)) return undefined;
    return this.clock.nowMs() + Math.min(seconds, LONGEST_LIFE_SECONDS) * 1_000;
  }

  private leftMsOf({ expiresAtMs = Infinity }: StoredLogin): number {
    return expiresAtMs - this.clock.nowMs();
  }

  private async want(
    server: string,
    { url }: RemoteEntry,
    scope: string | undefined,
  ): Promise<void> {
    await this.files?.change(server, (login) => {
      if (login?.url !== url || scope === undefined) return Promise.resolve(login);
      const wantedScope = computeScopeUnion(login.wantedScope, login.tokens?.scope, scope);
      return Promise.resolve({ ...login, ...(wantedScope !== undefined && { wantedScope }) });
    });
  }

  /** A refresh token may be good once: processes that need a token at the same time must not use it twice. */
  private async renew(
    server: string,
    entry: RemoteEntry,
    refused: string,
  ): Promise<StoredLogin | undefined> {
    const key = JSON.stringify([server, entry.url, refused]);
    const known = this.renewals.get(key) ?? this.renewOnce(server, entry, refused);
    this.renewals.set(key, known);
    try {
      return await known;
    } finally {
      this.renewals.delete(key);
    }
  }

  private renewOnce(
    server: string,
    entry: RemoteEntry,
    refused: string,
  ): Promise<StoredLogin | undefined> {
    const work = async (login: StoredLogin | undefined) => {
      if (login?.url !== entry.url || login.tokens?.access_token !== refused) return login;
      const client = clientFor(server, entry, login);
      this.keepQuiet(server, { client });
      const tokens = await renewed({ server, login, client, send: this.sendTo(entry) });
      const { tokens: before, expiresAtMs: _end, ...rest } = login;
      if (tokens === 'over') return rest;
      const { access_token, token_type, refresh_token, scope = before?.scope } = tokens;
      const fresh = { ...rest, client, tokens: { access_token, token_type, refresh_token, scope } };
      this.keepQuiet(server, fresh);
      return { ...fresh, expiresAtMs: this.endOf(tokens) };
    };
    return this.files?.change(server, work) ?? Promise.resolve(undefined);
  }
}

const ADVICE = 'write allowPrivate: true in its entry of the registry if it may be reached';

/** That of the entry goes before that of the login: its secret may be a newer one. It is shown to the entry's issuer alone. */
function clientFor(server: string, { oauth }: RemoteEntry, login: StoredLogin) {
  if (oauth?.login !== true) return login.client;
  const { issuer, clientId, clientSecret } = oauth;
  if (issuer !== undefined && issuer !== login.issuer) {
    throw new LoginRequiredError(server, 'the login is at another issuer than that of its entry');
  }
  if (clientId === undefined) return login.client;
  return {
    client_id: clientId,
    ...(clientSecret !== undefined && { client_secret: clientSecret }),
  };
}

/** Whether a login would be used. */
export function mayLogIn({ headers, oauth }: RemoteEntry): boolean {
  if (oauth !== undefined) return oauth.login === true;
  return !Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
}
