import { accessClaimsSchema, type Principal } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import { createRemoteJWKSet, errors, jwtVerify, type RemoteJWKSet } from 'jose';
import { RecentTokens } from './recent-tokens.js';

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** `invalid`: the caller must get another token. `undecided`: the keys to judge it can't be had now. */
export type Verification =
  | { readonly verdict: 'valid'; readonly principal: Principal }
  | { readonly verdict: 'invalid' | 'undecided'; readonly reason: string };

const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_TOKEN_LENGTH = 8 * 1024;

/** Says whose an access token is: signed by the issuer's published keys, for this audience, not expired. */
export class TokenVerifier {
  private readonly keys: RemoteJWKSet;
  private readonly recent: RecentTokens;

  constructor(private readonly options: TokenVerifierOptions) {
    this.keys = createRemoteJWKSet(new URL(options.jwksUrl));
    this.recent = new RecentTokens(options.clock);
  }

  async verify(token: string): Promise<Verification> {
    const known = this.recent.find(token);
    if (known !== undefined) return { verdict: 'valid', principal: known };
    if (token.length > MAX_TOKEN_LENGTH || !COMPACT_JWS.test(token)) {
      return { verdict: 'invalid', reason: 'the token is no signed JWT' };
    }
    try {
      return { verdict: 'valid', principal: await this.verifyNow(token) };
    } catch (error) {
      if (isAboutToken(error)) return { verdict: 'invalid', reason: error.message };
      return { verdict: 'undecided', reason: 'the keys of the issuer can not be fetched' };
    }
  }

  /** @throws Error when there are no keys to verify tokens with */
  async check(): Promise<void> {
    if (!this.keys.fresh) await this.keys.reload();
  }

  private async verifyNow(token: string): Promise<Principal> {
    const { issuer, audience, clock } = this.options;
    const { payload } = await jwtVerify(token, this.keys, {
      issuer,
      audience,
      algorithms: ['ES256'],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(clock.nowMs()),
    });
    const claims = accessClaimsSchema.safeParse(payload);
    if (!claims.success) throw new errors.JWTInvalid('no tenant and roles in the token');
    const { sub, tenant, roles } = claims.data;
    const principal = { principal: sub, tenant, roles };
    this.recent.keep(token, principal, Number(payload.exp) * 1_000);
    return principal;
  }
}

// All other errors of the library judge the token.
const ABOUT_KEYS: readonly string[] = [
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JOSEError.code,
];

function isAboutToken(error: unknown): error is errors.JOSEError {
  return error instanceof errors.JOSEError && !ABOUT_KEYS.includes(error.code);
}
