import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
}

export interface Answer {
  readonly status?: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

interface AskedPage {
  readonly challenge: string;
  readonly redirectUrl: string;
  readonly scope: string;
}

/** What an authorization server does: registers clients, lets whoever comes log in, gives tokens; a refresh token is good once. */
export class AuthorizationServer {
  /** Asked for so far. */
  readonly tokenRequests: TokenRequest[] = [];
  readonly registered: object[] = [];
  /** Pages that a browser asked for. */
  readonly pages: URL[] = [];
  /** Says no to credentials from here on, when false. */
  gives = true;
  /** People get a refresh token too. */
  refreshes = true;
  /** Of tokens; anything that a server may say. */
  expiresIn: unknown = 3_600;
  /** Of what it says of itself. */
  changed: object = {};
  /** In place of an answer to a request for a token. */
  answersToken: (() => Promise<Answer>) | undefined;
  /** Scopes of tokens that are good. */
  readonly valid = new Map<string, string>();
  private readonly codes = new Map<string, AskedPage>();
  private readonly refreshing = new Map<string, string>();

  /** At the first request its origin is known. */
  constructor(private readonly origin: () => string) {}

  metadata(): object {
    const issuer = this.origin();
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      response_types_supported: ['code'],
      grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      ...this.changed,
    };
  }

  async answer(request: IncomingMessage, body: string): Promise<Answer> {
    const url = new URL(request.url ?? '/', this.origin());
    if (url.pathname.startsWith('/.well-known/')) return { body: this.metadata() };
    if (url.pathname === '/authorize') return this.authorize(url);
    if (url.pathname === '/register') return this.register(body);
    const form = Object.fromEntries(new URLSearchParams(body));
    const { headers } = request;
    this.tokenRequests.push({ authorization: headers.authorization, form, headers });
    if (this.answersToken !== undefined) return this.answersToken();
    if (!this.gives) return { status: 401, body: { error: 'invalid_client' } };
    return this.token(form);
  }

  private authorize(url: URL): Answer {
    this.pages.push(url);
    const asked = (name: string) => url.searchParams.get(name) ?? '';
    const code = `code-${this.pages.length}`;
    const page = { challenge: asked('code_challenge'), redirectUrl: asked('redirect_uri') };
    this.codes.set(code, { ...page, scope: asked('scope') });
    const back = new URL(page.redirectUrl);
    const answer = { code, state: asked('state'), iss: this.origin() };
    back.search = new URLSearchParams(answer).toString();
    return { status: 302, headers: { location: back.href } };
  }

  private register(body: string): Answer {
    const client = JSON.parse(body) as object;
    this.registered.push(client);
    return { status: 201, body: { ...client, client_id: `client-${this.registered.length}` } };
  }

  private token(form: TokenRequest['form']): Answer {
    const { grant_type: grant, scope = '' } = form;
    if (grant === 'client_credentials') return this.give(scope, false);
    const granted = grant === 'refresh_token' ? this.refreshed(form) : this.redeemed(form);
    if (granted === undefined) return { status: 400, body: { error: 'invalid_grant' } };
    return this.give(granted, this.refreshes);
  }

  private redeemed({
    code = '',
    code_verifier: verifier = '',
    redirect_uri: back,
  }: TokenRequest['form']) {
    const asked = this.codes.get(code);
    this.codes.delete(code);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const isOwn = asked?.challenge === challenge && asked.redirectUrl === back;
    return isOwn ? asked.scope : undefined;
  }

  private refreshed({ refresh_token: token = '' }: TokenRequest['form']): string | undefined {
    const scope = this.refreshing.get(token);
    this.refreshing.delete(token);
    return scope;
  }

  private give(scope: string, isOfPerson: boolean): Answer {
    const number = this.tokenRequests.length;
    const token = `access-token-${number}`;
    this.valid.set(token, scope);
    const refresh = `refresh-token-${number}`;
    if (isOfPerson) this.refreshing.set(refresh, scope);
    const body = { access_token: token, token_type: 'Bearer', expires_in: this.expiresIn };
    return { body: isOfPerson ? { ...body, refresh_token: refresh, scope } : body };
  }
}
