import type { Clock } from '@skynet/platform';
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { SIGNING_ALGORITHM, type KeyRing } from '../keys/key-ring.js';

export interface OwnTokensOptions {
  readonly issuer: string;
  readonly keyRing: KeyRing;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** What an access token of ours says; undefined for all others. */
export async function ownClaims(
  token: string,
  audience: string | string[],
  { issuer, keyRing, clock }: OwnTokensOptions,
): Promise<JWTPayload | undefined> {
  const keys = await keyRing.current();
  const published = keys.map(({ kid, jwk: { kty, crv, x, y } }) => ({ kid, kty, crv, x, y }));
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published }), {
      issuer,
      audience,
      algorithms: [SIGNING_ALGORITHM],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(clock.nowMs()),
    });
    return payload;
  } catch {
    return undefined;
  }
}
