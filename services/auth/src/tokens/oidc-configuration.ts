import { hkdfSync } from 'node:crypto';
import { buckets, scopeSchema } from '@skynet/contracts';
import type {
  AdapterFactory,
  Client,
  Configuration,
  KoaContextWithOIDC,
  ResourceServer,
} from 'oidc-provider';
import { applicationTypeOf } from '../clients/redirects.js';
import { SIGNING_ALGORITHM, type SigningKeys } from '../keys/key-ring.js';
import { confirmCodePage, deviceDonePage, userCodePage } from '../pages/device-pages.js';
import { tellingPage } from '../pages/login-pages.js';
import type { Page } from '../pages/page.js';
import type { Users } from '../principals/users.js';
import { ourPolicy, stillLoggedIn } from '../login/interaction-policy.js';
import type { Resources } from './resources.js';
import { oauthRoutes } from '../routes/oauth-routes.js';

export interface ProviderParts {
  readonly keys: SigningKeys;
  readonly adapter: AdapterFactory;
  readonly users: Users;
  readonly resources: Resources;
  readonly audience: string;
  readonly loginSeconds: number;
  readonly registrationIsOpen: boolean;
  /** Fetches what clients describe themselves with; absent: they may not. */
  readonly fetchDocument: typeof fetch | undefined;
  /** Whether the caller may have one more document fetched. */
  readonly mayFetch: (context: KoaContextWithOIDC) => Promise<boolean>;
}

const SCOPES = ['openid', 'offline_access', ...scopeSchema.options];
const off = { enabled: false } as const;
const MINUTE = 60;
/** How long a browser is remembered. */
const SESSION_SECONDS = buckets.briefLogins.ttlMs / 1_000;

export function oidcConfiguration(parts: ProviderParts): Configuration {
  const { keys, adapter, users, resources, loginSeconds } = parts;
  return {
    adapter,
    jwks: {
      keys: keys.map(({ kid, jwk }) => ({ ...jwk, kid, alg: SIGNING_ALGORITHM, use: 'sig' })),
    },
    cookies: { keys: keys.map(({ jwk }) => cookieKey(jwk.d)).reverse() },
    routes: oauthRoutes,
    scopes: SCOPES,
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    clientBasedCORS: (_context, _origin, client) => client.clientAuthMethod === 'none',
    clientDefaults: {
      id_token_signed_response_alg: SIGNING_ALGORITHM,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
    },
    extraClientMetadata: {
      properties: ['application_type'],
      // Before the library checks redirects by it. Cursor says web of a scheme of its own.
      validator: (_context, _key, _value, metadata) => {
        metadata.application_type = applicationTypeOf(metadata.redirect_uris);
      },
    },
    enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
    findAccount: (_context, accountId, token) => {
      const since = token !== undefined && 'authTime' in token ? token.authTime : Infinity;
      if (!stillLoggedIn(users.find(accountId), since)) return undefined;
      return { accountId, claims: () => ({ sub: accountId }) };
    },
    extraTokenClaims: (context, token) => resources.claims(context, token),
    interactions: { policy: ourPolicy(users), url: (_context, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    renderError: (context, out) => {
      const said = out.error_description ?? out.error;
      if (context.accepts('json', 'html') === 'html') {
        send(context, tellingPage('This did not work', said, context.status));
      } else {
        context.body = out;
      }
    },
    ttl: {
      AccessToken: lifetimeAtResource,
      AuthorizationCode: MINUTE,
      ClientCredentials: lifetimeAtResource,
      DeviceCode: 10 * MINUTE,
      Grant: loginSeconds,
      IdToken: 10 * MINUTE,
      Interaction: 15 * MINUTE,
      RefreshToken: loginSeconds,
      Session: SESSION_SECONDS,
    },
    features: featuresOf(parts),
    ...(parts.fetchDocument && { fetch: parts.fetchDocument }),
  };
}

function featuresOf(parts: ProviderParts): Configuration['features'] {
  const { resources, audience, registrationIsOpen, fetchDocument, mayFetch } = parts;
  const documents = {
    enabled: fetchDocument !== undefined,
    ack: 'draft-02',
    cacheDuration: { min: MINUTE, max: 24 * 60 * MINUTE },
    allowFetch: mayFetch,
  };
  return {
    ...{ clientIdMetadataDocument: documents },
    clientCredentials: { enabled: true },
    deviceFlow: {
      enabled: true,
      mask: '****-****',
      userCodeInputSource: (context, form, _out, error) =>
        send(context, userCodePage(form, error && 'This code is not valid any more.')),
      userCodeConfirmSource: (...[context, form, client, , code]) =>
        send(context, confirmCodePage(form, nameOf(client), code)),
      successSource: (context) => send(context, deviceDonePage()),
    },
    registration: { enabled: registrationIsOpen, issueRegistrationAccessToken: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: (context, resource) => resources.describe(context, resource),
    },
    revocation: {
      enabled: true,
      allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
    },
    claimsParameter: off,
    devInteractions: off,
    dPoP: off,
    pushedAuthorizationRequests: off,
    requestObjects: off,
    rpInitiatedLogout: off,
    userinfo: off,
  };
}

function lifetimeAtResource(
  _context: KoaContextWithOIDC,
  { resourceServer }: { readonly resourceServer?: ResourceServer | undefined },
): number {
  return resourceServer?.accessTokenTTL ?? MINUTE;
}

function send(context: KoaContextWithOIDC, { status, headers, body }: Page): void {
  context.status = status;
  context.set({ ...headers });
  context.body = body;
}

function nameOf({ clientId, clientName }: Client): string {
  return clientName ?? clientId;
}

/** Cookies are signed by what is derived from the signing keys: one secret less to keep, and it rotates with them. */
function cookieKey(privateKey: string): string {
  const derived = hkdfSync('sha256', Buffer.from(privateKey, 'base64url'), '', 'auth cookies', 32);
  return Buffer.from(derived).toString('base64url');
}
