const DAY_SECONDS = 24 * 60 * 60;

/** Longest life of a login and of a client that nobody uses. */
export const MAX_LOGIN_SECONDS = 30 * DAY_SECONDS;

/**
 * Bucket of grants, refresh tokens, registered clients and known browsers: the one that can't be derived from the log. It
 * forgets what was not written for as long as the longest lasts, milliseconds; rows say themselves when they end before.
 */
export const LOGINS = { bucket: 'oidc', ttlMs: 90 * DAY_SECONDS * 1_000 } as const;
