import { revocableClaimsSchema, type RevocableClaims } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import { errors, jwtVerify } from 'jose';
import {
  clientOfClaims,
  loginOfClaims,
  principalOfClaims,
  type ClaimNames,
} from './claims-reader.js';
import { IssuerKeys } from './issuer-keys.js';
import { RecentTokens, type VerifiedToken } from './recent-tokens.js';

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Default: what the issuer's metadata name. */
  readonly jwksUrl?: string;
  /** Whether the issuer may be at an address that is not public. Default: false. */
  readonly issuerAllowPrivate?: boolean;
  readonly tokenAlgorithms: readonly string[];
  /** Values of `typ` in the header of a token, in lower case. */
  readonly tokenTypes: readonly string[];
  readonly claims: ClaimNames;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly isRevoked: (claims: RevocableClaims) => boolean;
}

/** `invalid`: the caller must get another token. `undecided`: the keys to judge it can't be had now. */
export type Verification =
  | ({ readonly verdict: 'valid' } & VerifiedToken)
  | { readonly verdict: 'invalid' | 'undecided'; readonly reason: string };

const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_TOKEN_LENGTH = 8 * 1024;

/** Says whose an access token is: signed by the issuer's published keys, for this audience, neither expired nor revoked. */
export class TokenVerifier {
  private readonly issuerKeys: IssuerKeys;
  private readonly recent: RecentTokens;

  constructor(private readonly options: TokenVerifierOptions) {
    this.issuerKeys = new IssuerKeys(options);
    this.recent = new RecentTokens(options.clock);
  }

  /** Whether a token was verified a moment ago; costs next to nothing. It may have been revoked since. */
  isKnown(token: string): boolean {
    return this.recent.find(token) !== undefined;
  }

  async verify(token: string): Promise<Verification> {
    const known = this.recent.find(token);
    if (known !== undefined) return this.judged(known);
    if (token.length > MAX_TOKEN_LENGTH || !COMPACT_JWS.test(token)) {
      return { verdict: 'invalid', reason: 'the token is no signed JWT' };
    }
    try {
      return this.judged(await this.verifyNow(token));
    } catch (error) {
      if (isAboutToken(error)) return { verdict: 'invalid', reason: error.message };
      return { verdict: 'undecided', reason: 'the keys of the issuer can not be fetched' };
    }
  }

  /** @throws Error when there are no keys to verify tokens with */
  async check(): Promise<void> {
    await this.issuerKeys.check();
  }

  private judged(verified: VerifiedToken): Verification {
    return this.options.isRevoked(verified.claims)
      ? { verdict: 'invalid', reason: 'the token was revoked' }
      : { verdict: 'valid', ...verified };
  }

  private async verifyNow(token: string): Promise<VerifiedToken> {
    const { issuer, audience, clock, tokenAlgorithms, tokenTypes } = this.options;
    const { payload, protectedHeader } = await jwtVerify(token, await this.issuerKeys.keys(), {
      issuer,
      audience,
      algorithms: [...tokenAlgorithms],
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(clock.nowMs()),
    });
    if (!tokenTypes.includes(typeOf(protectedHeader.typ))) {
      throw new errors.JWTInvalid('not an access token: unexpected "typ" in the header');
    }
    const principal = principalOfClaims(payload, this.options.claims);
    if (principal === undefined) throw new errors.JWTInvalid('no tenant and roles in the token');
    const verified = {
      principal,
      client: clientOfClaims(payload),
      login: loginOfClaims(payload),
      claims: revocableClaimsSchema.parse(payload),
    };
    this.recent.keep(token, verified, Number(payload.exp) * 1_000);
    return verified;
  }
}

function typeOf(typ: string | undefined): string {
  return (typ ?? '').toLowerCase().replace(/^application\//, '');
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
