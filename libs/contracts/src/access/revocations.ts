import { z } from 'zod';

/** Longest life of an access token: all that a token does that nobody could revoke. */
export const MAX_ACCESS_TOKEN_SECONDS = 15 * 60;

/** What does not hold any more. */
export const revocationSchema = z.object({
  /** Tokens that know less of their owner than this revision of the owner's stream are void. */
  revision: z.int().nonnegative().optional(),
  /** Epoch milliseconds. Tokens that name no revision are void when they were made before. */
  atMs: z.number(),
});
export type Revocation = z.infer<typeof revocationSchema>;

/** Claims of an access token of ours by which it can be revoked, beside sub, jti and iat. */
export const revocableClaimsSchema = z.object({
  sub: z.string(),
  /** Seconds. */
  iat: z.number(),
  jti: z.string().optional().catch(undefined),
  /** Of the login that it came of. */
  grant: z.string().optional().catch(undefined),
  /** Of its owner's stream, when it was made. */
  revision: z.number().optional().catch(undefined),
});
export type RevocableClaims = z.infer<typeof revocableClaimsSchema>;

/** Keys in the bucket. */
export const revocationKeys = {
  principal: (name: string) => `principal/${name}`,
  grant: (grant: string) => `grant/${grant}`,
  token: (jti: string) => `token/${jti}`,
} as const;

/** Whether a token is void, by what is found in the bucket. */
export function isRevoked(
  { sub, iat, jti, grant, revision }: RevocableClaims,
  find: (key: string) => Revocation | undefined,
): boolean {
  if (jti !== undefined && find(revocationKeys.token(jti)) !== undefined) return true;
  if (grant !== undefined && find(revocationKeys.grant(grant)) !== undefined) return true;
  const ofPrincipal = find(revocationKeys.principal(sub));
  if (ofPrincipal === undefined) return false;
  // Not by time where that can be helped: a replica of auth may make a token by what it knew before.
  if (revision !== undefined) return revision < (ofPrincipal.revision ?? 0);
  return iat * 1_000 <= ofPrincipal.atMs;
}
