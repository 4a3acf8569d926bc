import { CompactSign, compactVerify, createLocalJWKSet, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import type { ChainTail } from './audit-chain.js';

const ALGORITHM = 'ES256';
// No verifier of tokens takes this for one.
const TYPE = 'skynet-audit-checkpoint';

const claimsSchema = z.object({
  seq: z.int().nonnegative(),
  hash: z.string(),
  /** When it was signed, ISO 8601. */
  time: z.iso.datetime(),
});
export type CheckpointClaims = z.infer<typeof claimsSchema>;

/** A private key with its id, P-256. */
export interface CheckpointKey {
  readonly kid: string;
  readonly jwk: JWK;
}

/** Public keys, as JWK Set (RFC 7517). */
export const auditKeysSchema = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        kid: z.string(),
        x: z.string(),
        y: z.string(),
      }),
    )
    .max(10_000),
});
export type AuditKeys = z.infer<typeof auditKeysSchema>;

/** Signs that the chain was so when it was signed. Compact JWS (RFC 7515). */
export async function signCheckpoint(
  { seq, hash }: ChainTail,
  nowMs: number,
  { kid, jwk }: CheckpointKey,
): Promise<string> {
  const claims = { seq, hash, time: new Date(nowMs).toISOString() };
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const header = { alg: ALGORITHM, kid, typ: TYPE };
  return new CompactSign(bytes).setProtectedHeader(header).sign(await importJWK(jwk, ALGORITHM));
}

/** What was signed; undefined when none of the keys signed it, or it is no checkpoint. */
export async function readCheckpoint(
  jws: string,
  keys: AuditKeys,
): Promise<CheckpointClaims | undefined> {
  try {
    const find = createLocalJWKSet({ keys: keys.keys.map((key) => ({ ...key, alg: ALGORITHM })) });
    const { payload, protectedHeader } = await compactVerify(jws, find, {
      algorithms: [ALGORITHM],
    });
    if (protectedHeader.typ !== TYPE) return undefined;
    return claimsSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch {
    return undefined;
  }
}
