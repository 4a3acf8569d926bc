import { createRemoteJWKSet, customFetch, type RemoteJWKSet } from 'jose';
import { z } from 'zod';
import { fetchFromIssuer, findMetadata, type IssuerOptions } from './issuer-metadata.js';

const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.url({ protocol: /^https?$/ }),
});

/** The keys that an issuer signs with, found through its metadata and fetched again when it rotates them. */
export class IssuerKeys {
  private finding: Promise<RemoteJWKSet> | undefined;

  private readonly fetch: typeof fetch;

  constructor(private readonly options: IssuerOptions) {
    this.fetch = fetchFromIssuer(options);
  }

  /** @throws IssuerUnreachableError; safe to retry */
  keys(): Promise<RemoteJWKSet> {
    this.finding ??= this.find().catch((error: unknown) => {
      this.finding = undefined;
      throw error;
    });
    return this.finding;
  }

  /** @throws Error when there are no keys to verify tokens with */
  async check(): Promise<void> {
    const keys = await this.keys();
    if (!keys.fresh) await keys.reload();
  }

  private async find(): Promise<RemoteJWKSet> {
    const { issuer, jwksUrl } = this.options;
    const named = jwksUrl ?? (await findMetadata(issuer, this.fetch, metadataSchema)).jwks_uri;
    return createRemoteJWKSet(new URL(named), { [customFetch]: this.fetch });
  }
}
