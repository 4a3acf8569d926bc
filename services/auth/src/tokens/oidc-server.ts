import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@skynet/platform';
import { Provider, type AdapterFactory, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import type { StrangersClient } from '../clients/client-metadata.js';
import type { KeyRing, SigningKeys } from '../keys/key-ring.js';
import type { Attempts } from '../login/attempts.js';
import type { RequestLimits } from '../login/request-limits.js';
import type { SecretLogin } from '../login/secret-login.js';
import type { ProviderActs } from '../recording/provider-acts.js';
import type { Revocations } from '../revocation/revocations.js';
import { oauthRoutes } from '../routes/oauth-routes.js';
import { revokesAccessTokens } from './access-token-revocation.js';
import { slowsDevicesDown } from './device-pace.js';
import { oidcConfiguration } from './oidc-configuration.js';
import { Resources, type Owners, type TokenSettings } from './resources.js';

export interface OidcServerOptions extends TokenSettings, Owners {
  readonly keyRing: KeyRing;
  readonly adapter: AdapterFactory;
  readonly limits: RequestLimits;
  readonly attempts: Attempts;
  readonly secrets: SecretLogin;
  readonly loginSeconds: number;
  readonly registrationIsOpen: boolean;
  /** Fetches what clients describe themselves with; absent: they may not. */
  readonly fetchDocument: typeof fetch | undefined;
  readonly strangersClient: StrangersClient;
  readonly revocations: Pick<Revocations, 'ofToken'>;
  readonly acts: ProviderActs;
  readonly log: Logger;
}

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A provider with the keys of now, and what answers its HTTP requests. */
export interface Serving {
  readonly keys: SigningKeys;
  readonly provider: Provider;
  readonly listener: RequestListener;
}

/** OAuth over HTTP, by oidc-provider. */
export class OidcServer {
  private current: Serving | undefined;

  private constructor(private readonly options: OidcServerOptions) {}

  static async create(options: OidcServerOptions): Promise<OidcServer> {
    const server = new OidcServer(options);
    await server.serving();
    return server;
  }

  /** @throws Error when the signing keys can't be read or written */
  async serving(): Promise<Serving> {
    const keys = await this.options.keyRing.current();
    // A provider keeps the keys it was built with.
    if (this.current?.keys !== keys) this.current = this.build(keys);
    return this.current;
  }

  private build(keys: SigningKeys): Serving {
    const { issuer, log, secrets, attempts } = this.options;
    const resources = new Resources(this.options, this.options, keys);
    const provider = new Provider(
      issuer,
      oidcConfiguration({
        ...this.options,
        keys,
        resources,
        mayFetch: ({ req }: KoaContextWithOIDC) => this.options.limits.mayFetchDocument(req),
      }),
    );
    provider.proxy = true;
    provider.Client.prototype.compareClientSecret = function (this: Client, secret: string) {
      return secrets.matches(this.clientId, secret, (this.clientSecret ?? '').split(' '));
    };
    this.options.acts.follow(provider);
    provider.use(tellsWhatIsKept(this.options.strangersClient));
    provider.use(slowsDevicesDown(oauthRoutes.token, attempts));
    provider.use(revokesAccessTokens(oauthRoutes.revocation, this.options));
    provider.on('grant.error', (context, error) => {
      log.warn('no token given', { clientId: context.oidc.client?.clientId, error });
    });
    provider.on('authorization.error', (context, error) => {
      log.warn('no access given', { clientId: context.oidc.client?.clientId, error });
    });
    provider.on('grant.revoked', (context, grantId) => {
      log.warn('grant revoked', { clientId: context.oidc.client?.clientId, grantId });
    });
    provider.on('server_error', (_context, error) => log.error('OAuth server failed', { error }));
    return { keys, provider, listener: provider.callback() };
  }
}

/** The library answers a registration with what the client said of itself, and with a secret that nobody uses. */
function tellsWhatIsKept(strangersClient: StrangersClient) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const isRegistered = context.path === oauthRoutes.registration && context.status === 201;
    if (isRegistered) context.body = strangersClient(context.body);
  };
}
