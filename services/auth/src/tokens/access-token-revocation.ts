import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Revocations } from '../revocation/revocations.js';
import { ownClaims, type OwnTokensOptions } from './own-token.js';
import { adminAudience } from './resources.js';

export interface AccessTokenRevocationOptions extends OwnTokensOptions {
  readonly audience: string;
  readonly revocations: Pick<Revocations, 'ofToken'>;
}

const LONGEST_TOKEN = 8_192;

/** The library gives back no token that it has not stored; ours are known by their signature. */
export function revokesAccessTokens(path: string, options: AccessTokenRevocationOptions) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (context.path !== path || !isOfStructuredToken(context)) return;
    const { params, client } = context.oidc;
    await revoke(params?.['token'], client?.clientId, options);
    // As the standard wants it (RFC 7009 §2.2): what is no token of this client needs no giving back.
    context.status = 200;
    context.body = '';
  };
}

async function revoke(
  token: unknown,
  clientId: string | undefined,
  options: AccessTokenRevocationOptions,
): Promise<void> {
  if (typeof token !== 'string' || token.length > LONGEST_TOKEN || clientId === undefined) return;
  const { audience, issuer, revocations } = options;
  const claims = await ownClaims(token, [audience, adminAudience(issuer)], options);
  if (claims?.jti !== undefined && claims['client_id'] === clientId) {
    await revocations.ofToken(claims.jti);
  }
}

/** Client and token were read, and the library has said no. */
function isOfStructuredToken({ status, body }: KoaContextWithOIDC): boolean {
  return (
    status === 400 && (body as { error?: unknown } | undefined)?.error === 'unsupported_token_type'
  );
}
