/** Longest life of a login and of a client that nobody uses. */
export const MAX_LOGIN_SECONDS = 30 * 24 * 60 * 60;

/** Bucket of grants, refresh tokens and registered clients: the one that can't be derived from the log. */
export const LOGINS = { bucket: 'oidc', ttlMs: MAX_LOGIN_SECONDS * 1_000 } as const;
