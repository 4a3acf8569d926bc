import { randomBytes } from 'node:crypto';
import type {
  OAuthClientInformationContext,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import type { RemoteEntry } from '../remote-entry.js';
import { LoginRefusedError } from './login-required-error.js';
import type { PendingLogin } from './stored-login.js';

const CLIENT_NAME = 'Skynet-MCP';
const STATE_BYTES = 32;

export type LoginSettings = Partial<Extract<NonNullable<RemoteEntry['oauth']>, { login: true }>>;

/** What a login has come to so far. */
interface Course {
  page?: URL;
  codeVerifier?: string;
  discovery?: OAuthDiscoveryState;
  resource?: string;
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
}

/** The client of one login by a person: it hands nothing on itself, and remembers what the login has come to. */
export class LoginClient implements OAuthClientProvider {
  readonly clientMetadataUrl?: string;
  readonly saveClientInformation?: (client: StoredOAuthClientInformation) => void;
  readonly course: Course = {};
  readonly ownState: string;

  constructor(
    readonly redirectUrl: string,
    private readonly settings: LoginSettings,
    pending?: PendingLogin,
  ) {
    const { clientMetadataUrl, clientId, clientSecret, issuer } = settings;
    this.ownState = pending?.state ?? randomBytes(STATE_BYTES).toString('base64url');
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    if (clientId === undefined) {
      this.saveClientInformation = (client) => (this.course.client = client);
    } else {
      const secret = clientSecret === undefined ? {} : { client_secret: clientSecret };
      this.course.client = { client_id: clientId, ...secret, ...(issuer && { issuer }) };
    }
    if (pending !== undefined) this.goOn(pending);
  }

  get clientMetadata(): OAuthClientMetadata {
    return {
      client_name: CLIENT_NAME,
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    };
  }

  state(): string {
    return this.ownState;
  }

  clientInformation({ issuer }: Partial<OAuthClientInformationContext> = {}):
    StoredOAuthClientInformation | undefined {
    this.refuseOtherIssuer(issuer);
    return this.course.client;
  }

  tokens(): undefined {
    return undefined;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.course.tokens = tokens;
  }

  redirectToAuthorization(page: URL): void {
    this.course.page = page;
  }

  saveCodeVerifier(codeVerifier: string): void {
    this.course.codeVerifier = codeVerifier;
  }

  codeVerifier(): string {
    return this.course.codeVerifier ?? '';
  }

  saveResourceUrl(resource: string): void {
    this.course.resource = resource;
  }

  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.course.discovery = discovery;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.course.discovery;
  }

  private goOn({ codeVerifier, client, authorizationServerUrl, ...rest }: PendingLogin): void {
    const { resourceMetadataUrl, issuer } = rest;
    this.course.codeVerifier = codeVerifier;
    this.course.client = { ...client, issuer };
    this.course.discovery = {
      authorizationServerUrl,
      ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
    };
  }

  private refuseOtherIssuer(issuer: string | undefined): void {
    const { issuer: expected } = this.settings;
    if (expected === undefined || issuer === undefined || issuer === expected) return;
    throw new LoginRefusedError(
      `the server names ${issuer.slice(0, 300)} to log in at; its entry of the registry allows ${expected} only`,
    );
  }
}
