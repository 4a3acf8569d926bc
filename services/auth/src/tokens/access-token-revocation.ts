import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ProviderActs } from '../recording/provider-acts.js';
import type { Revocations } from '../revocation/revocations.js';
import { ownClaims, type OwnTokensOptions } from './own-token.js';
import { adminAudience } from './resources.js';

export interface AccessTokenRevocationOptions extends OwnTokensOptions {
  readonly audience: string;
  readonly revocations: Pick<Revocations, 'ofToken'>;
  readonly acts: Pick<ProviderActs, 'revoked'>;
}

const LONGEST_TOKEN = 8_192;

/** The library gives back no token that it has not stored; ours are known by their signature. */
export function revokesAccessTokens(path: string, options: AccessTokenRevocationOptions) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (context.path !== path || !isOfStructuredToken(context)) return;
    await revoke(context, options);
    // As the standard wants it (RFC 7009 §2.2): what is no token of this client needs no giving back.
    context.status = 200;
    context.body = '';
  };
}

async function revoke(
  context: KoaContextWithOIDC,
  options: AccessTokenRevocationOptions,
): Promise<void> {
  const { params, client } = context.oidc;
  const [token, clientId] = [params?.['token'], client?.clientId];
  if (typeof token !== 'string' || token.length > LONGEST_TOKEN || clientId === undefined) return;
  const { audience, issuer, revocations, acts } = options;
  const claims = await ownClaims(token, [audience, adminAudience(issuer)], options);
  if (claims?.jti !== undefined && claims['client_id'] === clientId) {
    const { grant = claims.jti } = claims as { grant?: string };
    acts.revoked(context, grant, claims.sub);
    await revocations.ofToken(claims.jti);
  }
}

/** Client and token were read, and the library has said no. */
function isOfStructuredToken({ status, body }: KoaContextWithOIDC): boolean {
  return (
    status === 400 && (body as { error?: unknown } | undefined)?.error === 'unsupported_token_type'
  );
}
