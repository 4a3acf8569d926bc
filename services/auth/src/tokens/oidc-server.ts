import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@skynet/platform';
import {
  Provider,
  type AdapterFactory,
  type Client,
  type KoaContextWithOIDC,
  type OIDCContext,
} from 'oidc-provider';
import { secretMatches } from '../clients/client-secret.js';
import type { ClientRegistry } from '../clients/client-registry.js';
import type { KeyRing, SigningKeys } from '../keys/key-ring.js';
import { clientAdapter } from './client-adapter.js';
import { oidcConfiguration, type TokenSettings } from './oidc-configuration.js';

export interface OidcServerOptions extends TokenSettings {
  readonly issuer: string;
  readonly keyRing: KeyRing;
  readonly clients: ClientRegistry;
  readonly log: Logger;
}

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Metadata, keys and tokens over HTTP, by oidc-provider. */
export class OidcServer {
  private serving: { readonly keys: SigningKeys; readonly listener: RequestListener } | undefined;

  private constructor(
    private readonly options: OidcServerOptions,
    private readonly adapter: AdapterFactory,
  ) {}

  static async create(options: OidcServerOptions): Promise<OidcServer> {
    const server = new OidcServer(options, await clientAdapter(options.clients));
    await server.listener();
    return server;
  }

  /**
   * What answers requests with the keys of now.
   *
   * @throws Error when the signing keys can't be read or written
   */
  async listener(): Promise<RequestListener> {
    const keys = await this.options.keyRing.current();
    // A provider keeps the keys it was built with.
    if (this.serving?.keys !== keys) this.serving = { keys, listener: this.build(keys) };
    return this.serving.listener;
  }

  private build(keys: SigningKeys): RequestListener {
    const { issuer, log } = this.options;
    const provider = new Provider(issuer, {
      ...oidcConfiguration(this.options, keys),
      adapter: this.adapter,
    });
    provider.Client.prototype.compareClientSecret = function (this: Client, secret: string) {
      return secretMatches(secret, this.clientSecret ?? '');
    };
    provider.use(async (context: KoaContextWithOIDC, next) => {
      await next();
      const isMetadata = (context.oidc as OIDCContext | undefined)?.route === 'discovery';
      if (isMetadata) context.body = corrected(context.body as object, issuer);
    });
    provider.on('grant.error', (context, error) => {
      log.warn('no token given', { clientId: context.oidc.client?.clientId, error });
    });
    provider.on('server_error', (_context, error) => log.error('token server failed', { error }));
    return provider.callback();
  }
}

// oidc-provider 9.13 names endpoints after the Host header, which anybody can set and a proxy changes, and lists the
// authorization endpoint though nothing uses it. Until both can be configured.
function corrected(metadata: object, issuer: string): object {
  const base = issuer.replace(/\/$/, '');
  const endpoints = { token_endpoint: `${base}/token`, jwks_uri: `${base}/jwks` };
  return { ...metadata, ...endpoints, authorization_endpoint: undefined };
}
