import type { Clock } from '@skynet/platform';
import { errors, type Client, type ClientMetadata, type Configuration } from 'oidc-provider';
import { clientSchema } from '../clients/clients-file.js';
import { SIGNING_ALGORITHM, type SigningKeys } from '../keys/key-ring.js';
import { signingKey } from '../keys/key-schedule.js';
import { ACCESS } from './client-adapter.js';

export interface TokenSettings {
  /** The only resource that tokens are for. */
  readonly audience: string;
  readonly accessTokenTtlSeconds: number;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const off = { enabled: false } as const;

/** client_credentials and nothing else: signed access tokens for one audience. */
export function oidcConfiguration(settings: TokenSettings, keys: SigningKeys): Configuration {
  return {
    jwks: {
      keys: keys.map(({ kid, jwk }) => ({ ...jwk, kid, alg: SIGNING_ALGORITHM, use: 'sig' })),
    },
    routes: { token: '/token', jwks: '/jwks' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientBasedCORS: () => false,
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
    extraClientMetadata: { properties: [ACCESS] },
    extraTokenClaims: (context) => {
      const { tenant, roles } = accessOf(context.oidc.client);
      return { tenant, roles };
    },
    renderError: (context, out) => {
      context.body = out;
    },
    responseTypes: [],
    scopes: [],
    ttl: {
      ClientCredentials: (_context, token) =>
        token.resourceServer?.accessTokenTTL ?? settings.accessTokenTtlSeconds,
    },
    features: {
      clientCredentials: { enabled: true },
      claimsParameter: off,
      devInteractions: off,
      dPoP: off,
      pushedAuthorizationRequests: off,
      requestObjects: off,
      rpInitiatedLogout: off,
      userinfo: off,
      resourceIndicators: {
        enabled: true,
        defaultResource: () => settings.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource, client) => {
          if (resource !== settings.audience) throw new errors.InvalidTarget();
          return {
            scope: '',
            audience: settings.audience,
            accessTokenFormat: 'jwt',
            accessTokenTTL:
              accessOf(client).accessTokenTtlSeconds ?? settings.accessTokenTtlSeconds,
            jwt: {
              sign: { alg: SIGNING_ALGORITHM, kid: signingKey(keys, settings.clock.nowMs()).kid },
            },
          };
        },
      },
    },
  };
}

const accessSchema = clientSchema.pick({ tenant: true, roles: true, accessTokenTtlSeconds: true });

function accessOf(client: Client | ClientMetadata | undefined) {
  return accessSchema.parse(client?.[ACCESS]);
}
